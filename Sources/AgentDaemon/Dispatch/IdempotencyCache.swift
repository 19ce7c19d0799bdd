import AgentProtocol
import Concurrency
import Crypto
package import MosaicAPI
package import Secrets
import Synchronization

/// Makes repeats of a send one send: joins those that come while it runs, and answers later ones from memory.
///
/// Remembered are `accepted` and failures whose effect is unknown and that may not be sent again; never a send that
/// provably did not happen, and never one whose answer holds a code. The rules are ``IdempotencyState``'s; here calls wait.
package final class IdempotencyCache: Sendable {
    /// How a send ends.
    package typealias End = Result<EncodedReply, CallFailure>

    /// What a call gets.
    package struct Answer: Sendable {
        /// How the send ended.
        package let end: End
        /// Whether another call's send it was.
        package let isReplay: Bool
    }

    /// Thrown when a call ends while it waits for another one's send, of which it cannot know what becomes.
    package struct EndedWhileWaiting: Error {}

    private enum Wakening: Sendable {
        case answer(End)
        case send
        case ended
    }

    /// Waking a call, which is done outside the lock.
    private struct Resumption {
        let waiter: OneShot<Wakening>
        let wakening: Wakening

        func run() { waiter.tell(wakening) }
    }

    private struct State {
        var ledger: IdempotencyState<End>
        /// The calls that wait; one may be woken before it has got round to waiting.
        var waiters: [UInt64: OneShot<Wakening>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let digestKey = SymmetricKey(size: .bits256)
    private let state: Mutex<State>

    /// Remembers nothing yet.
    package init(limits: IdempotencyState<End>.Limits = .init()) {
        state = Mutex(State(ledger: IdempotencyState(limits: limits)))
    }

    /// Sends, unless a call with this key has sent already or is about to.
    ///
    /// - Parameters:
    ///   - parameters: the JSON text of the call's parameters, to tell repeats from other calls under the same key.
    ///   - clock: tells when the call arrives and when its own send has ended.
    ///   - send: runs at most once.
    /// - Throws: ``CallFailure`` when the key belongs to a call with other parameters or there is no room;
    ///   ``EndedWhileWaiting`` when the task is cancelled while another call sends.
    package func once(
        _ key: SendKey,
        parameters: Secret,
        clock: any AgentClock,
        send: () async -> End
    ) async throws -> Answer {
        let digest = ParameterDigest(of: parameters, key: digestKey)
        let instant = clock.now
        let woken = OneShot<Wakening>()
        let (arrival, number) = state.withLock { state in
            state.lastWaiter += 1
            let number = state.lastWaiter
            let arrival = state.ledger.arrive(key, digest: digest, waiter: number, at: instant)
            if case .wait = arrival { state.waiters[number] = woken }
            return (arrival, number)
        }
        switch arrival {
        case .replay(let end): return Answer(end: end, isReplay: true)
        case .conflict: throw CallFailure.idempotencyConflict
        case .full: throw CallFailure(.overloaded, "too many sends with keys are under way; try again later")
        case .wait:
            switch await woken.value(onCancel: { self.giveUp(number, key) }) {
            case .answer(let end): return Answer(end: end, isReplay: true)
            case .ended: throw EndedWhileWaiting()
            case .send: break
            }
        case .send: break
        }
        let end = await send()
        finish(key, end, at: clock.now)
        return Answer(end: end, isReplay: false)
    }

    private func finish(_ key: SendKey, _ end: End, at now: ContinuousClock.Instant) {
        let resumptions: [Resumption] = state.withLock { state in
            switch state.ledger.finish(key, remembering: end.isMemorable ? end : nil, at: now) {
            case .nothing: []
            case .passOn(let waiter): Self.wake([waiter], with: .send, in: &state)
            case .answer(let waiters, let end): Self.wake(waiters, with: .answer(end), in: &state)
            }
        }
        for resumption in resumptions { resumption.run() }
    }

    /// A call that waits is cancelled.
    private func giveUp(_ number: UInt64, _ key: SendKey) {
        let resumptions: [Resumption] = state.withLock { state in
            // The one that was told to send has to, or the others would wait for ever; the send itself will notice.
            guard state.waiters[number] != nil else { return [] }
            state.ledger.leave(key, waiter: number)
            return Self.wake([number], with: .ended, in: &state)
        }
        for resumption in resumptions { resumption.run() }
    }

    /// What is left to do, outside the lock, to wake these.
    private static func wake(
        _ numbers: [UInt64],
        with wakening: Wakening,
        in state: inout State
    ) -> [Resumption] {
        numbers.map { number in
            guard let waiter = state.waiters.removeValue(forKey: number) else {
                preconditionFailure("a call that waits for a send is woken twice")
            }
            return Resumption(waiter: waiter, wakening: wakening)
        }
    }
}

extension Result<EncodedReply, CallFailure> {
    /// Whether repeats get this end instead of sending themselves.
    ///
    /// A failure that may be sent again without risk, such as a 429, is no reason to hold a repeat back.
    var isMemorable: Bool {
        switch self {
        case .success(let reply):
            reply.repeated != nil && reply.verdict == .accepted
        case .failure(let failure):
            failure.outcome == .unknown && !failure.kind.isRetryable(outcome: .unknown, retryClass: .effect)
        }
    }
}

extension CallFailure {
    /// The failure of a call whose key was used for another one.
    static let idempotencyConflict = CallFailure(
        .invalidParams,
        "meta.idempotency_key was used for a call with other parameters within the last ten minutes",
        outcome: .notSent,
        parameter: "meta.idempotency_key",
        reason: "idempotency_conflict"
    )
}
