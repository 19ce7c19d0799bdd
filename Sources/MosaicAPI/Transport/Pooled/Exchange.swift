import NIOCore
import Synchronization

/// One request on its way through the pool, from the call of ``PooledHTTPTransport/send(_:call:)`` to its end.
///
/// It ends once, by what comes first: the response, a failure, the deadline, or the caller that gives up. Until its bytes are
/// handed to a connection it can be ended from any thread, and nothing of it leaves.
final class Exchange: Sendable {
    typealias Outcome = Result<UpstreamResponse, TransportFailure>

    /// The caller that waits for the outcome. The phases see to it that it is resumed once.
    @safe struct Caller: Sendable {
        private let continuation: UnsafeContinuation<Outcome, Never>

        init(_ continuation: UnsafeContinuation<Outcome, Never>) {
            unsafe self.continuation = unsafe continuation
        }

        fileprivate func resume(_ outcome: Outcome) {
            // Sound: the phase left `waiting` or `sent` for good before this.
            unsafe continuation.resume(returning: outcome)
        }
    }

    private enum Phase {
        /// The caller does not wait yet.
        case new
        /// The caller waits, nothing was written.
        case waiting(Caller)
        /// The request was handed to a connection.
        case sent(Caller)
        /// The outcome is known.
        case ended
    }

    private struct State {
        var phase = Phase.new
        /// Set when the caller gave up before it waited.
        var isAbandoned = false
    }

    let request: UpstreamRequest
    let call: UpstreamCall
    private let state = Mutex(State())

    /// An exchange of which nothing was sent.
    init(_ request: UpstreamRequest, call: UpstreamCall) {
        self.request = request
        self.call = call
    }

    /// The caller waits from now on.
    ///
    /// - Returns: Whether it still wants the exchange; if not, it has been resumed.
    func wait(with caller: Caller) -> Bool {
        let isAbandoned = state.withLock { state in
            if state.isAbandoned {
                state.phase = .ended
            } else {
                state.phase = .waiting(caller)
            }
            return state.isAbandoned
        }
        if isAbandoned {
            caller.resume(.failure(TransportFailure(.cancelled, mayHaveBeenSent: false)))
        }
        return !isAbandoned
    }

    /// Whether it still waits for a connection.
    var isWaiting: Bool {
        state.withLock { state in
            if case .waiting = state.phase { true } else { false }
        }
    }

    /// The request is about to be handed to a connection; from now on it may have been sent.
    ///
    /// - Returns: Whether it may be: it has not ended, and its caller's last word was yes. Else it is over.
    func depart() -> Bool {
        guard isWaiting else { return false }
        // Asked outside of the lock: the caller may take locks of its own.
        guard call.willSend() else {
            end(.failure(TransportFailure(.aborted, mayHaveBeenSent: false)))
            return false
        }
        return state.withLock { state in
            guard case .waiting(let caller) = state.phase else { return false }
            state.phase = .sent(caller)
            return true
        }
    }

    /// The exchange has its outcome; only the first one counts.
    ///
    /// - Returns: Whether this was the first.
    @discardableResult
    func end(_ outcome: Outcome) -> Bool {
        let caller: Caller? = state.withLock { state in
            switch state.phase {
            case .waiting(let caller), .sent(let caller):
                state.phase = .ended
                return caller
            case .new, .ended:
                return nil
            }
        }
        guard let caller = caller else { return false }
        caller.resume(outcome)
        return true
    }

    /// The exchange fails for a reason that lies with its caller; whether it may have been sent follows from how far it has come.
    ///
    /// - Returns: What has to be done by the pool.
    func giveUp(_ reason: TransportFailure.Reason) -> GivenUp {
        enum Next {
            case resume(Caller, sent: Bool)
            case nothing
        }
        let next: Next = state.withLock { state in
            switch state.phase {
            case .new:
                state.isAbandoned = true
                return .nothing
            case .waiting(let caller):
                state.phase = .ended
                return .resume(caller, sent: false)
            case .sent(let caller):
                state.phase = .ended
                return .resume(caller, sent: true)
            case .ended:
                return .nothing
            }
        }
        guard case .resume(let caller, let sent) = next else { return .nothing }
        caller.resume(.failure(TransportFailure(reason, mayHaveBeenSent: sent)))
        return sent ? .leavesConnection : .leavesQueue
    }

    /// What an exchange that was given up leaves behind.
    enum GivenUp {
        /// Nothing: it had ended, or had not begun.
        case nothing
        /// A place in a queue.
        case leavesQueue
        /// A connection whose response is still to come.
        case leavesConnection
    }
}
