import AgentProtocol
import StrictJSON
import Synchronization

@testable import AgentDaemon

/// A dispatcher that does what the method's name says, and remembers everything.
///
/// `echo`, `system.echo`: answer at once · `hold`: wait for ``release(_:)`` or the end of the call · `send`: the same, but
/// the upstream request has begun · `big`: answer with a lot. With `client_token.get` it is the client's name that
/// says it; the answer is then a token.
final class ScriptedDispatcher: CallDispatching {
    /// The token, but for `big`.
    static let token = "eyJhbGciOiJub25lIn0.e30."
    /// The length of a token that is more than the kernel keeps for a peer that does not read.
    static let bigTokenBytes = 1 << 18

    /// What the dispatcher saw, in order.
    enum Event: Sendable, Hashable {
        case began(String)
        case ended(String, CallLifecycle.EndReason?)
        case audited(String, delivered: Bool)
        case lost(String)
    }

    private struct Waiter {
        let condition: @Sendable ([Event]) -> Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var events: [Event] = []
        var calls: [Call] = []
        var held: [String: CheckedContinuation<Void, Never>] = [:]
        var released: Set<String> = []
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    var events: [Event] { state.withLock { $0.events } }
    var calls: [Call] { state.withLock { $0.calls } }

    /// Returns when the events so far fulfil a condition.
    ///
    /// - Throws: `CancellationError`, so that a test whose time is over ends.
    func wait(until condition: @escaping @Sendable ([Event]) -> Bool) async throws {
        let number = state.withLock { state in
            defer { state.nextWaiter += 1 }
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let end: Result<Void, any Error>? = state.withLock { state in
                    // Checked under the lock: the handler below may have looked already.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if condition(state.events) { return .success(()) }
                    state.waiters[number] = Waiter(condition: condition, continuation: continuation)
                    return nil
                }
                if let end { continuation.resume(with: end) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns when an event has happened.
    ///
    /// - Throws: `CancellationError`.
    func wait(for event: Event) async throws {
        try await wait { $0.contains(event) }
    }

    /// Lets a held call have its answer.
    func release(_ id: String) {
        let held = state.withLock { state in
            state.released.insert(id)
            return state.held.removeValue(forKey: id)
        }
        held?.resume()
    }

    func dispatch(_ call: Call) async -> Answer {
        let id = call.request.id.description
        state.withLock { $0.calls.append(call) }
        record(.began(id))
        if call.control.ending == nil { await work(call, id) }
        let ending = call.control.ending
        record(.ended(id, ending))
        return Answer(line: line(for: call, ending), audit: Audit(id: id, dispatcher: self))
    }

    private func work(_ call: Call, _ id: String) async {
        switch script(of: call) {
        case "hold":
            await hold(id)
        case "send":
            guard call.control.beginUpstream() else { return }
            await hold(id)
            call.control.upstreamAnswered()
        default:
            break
        }
    }

    private func script(of call: Call) -> String {
        guard call.request.method == "client_token.get" else { return call.request.method }
        return call.request.params?["meta"]?["client"]?.string ?? "echo"
    }

    private func line(for call: Call, _ ending: CallLifecycle.EndReason?) -> [UInt8] {
        if let refusal = call.refusal { return ProtocolError(refusal.kind, "refused", id: call.request.id).line() }
        let outcome: Outcome = call.control.progress == .notBegun ? .notSent : .unknown
        let kind: ErrorKind
        switch ending {
        case nil:
            return Array(#"{"jsonrpc":"2.0","id":\#(call.request.id),"result":\#(result(of: call))}"#.utf8)
        case .cancelled: kind = .cancelled
        case .deadline: kind = .deadlineExceeded
        case .shuttingDown: kind = .shuttingDown
        case .peerGone: kind = .internal
        }
        return ProtocolError(kind, "ended", id: call.request.id, outcome: outcome).line()
    }

    private func result(of call: Call) -> String {
        let isBig = script(of: call) == "big"
        guard call.request.method == "client_token.get" else {
            return "\"" + String(repeating: "x", count: isBig ? 1 << 20 : 4) + "\""
        }
        let token = isBig ? String(repeating: "x", count: Self.bigTokenBytes) : Self.token
        return #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":3000}"#
    }

    private func hold(_ id: String) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    // Checked under the lock: the handler below may have looked already.
                    if Task.isCancelled || state.released.remove(id) != nil { return true }
                    state.held[id] = continuation
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.held.removeValue(forKey: id) }?.resume()
        }
    }

    private func record(_ event: Event) {
        let fulfilled = state.withLock { state in
            state.events.append(event)
            let events = state.events
            let fulfilled = state.waiters.filter { $0.value.condition(events) }
            for number in fulfilled.keys { state.waiters[number] = nil }
            return fulfilled.values.map(\.continuation)
        }
        for waiter in fulfilled { waiter.resume() }
    }

    private struct Audit: AuditSubmission {
        let id: String
        let dispatcher: ScriptedDispatcher

        func submit(delivered: Bool) {
            dispatcher.record(.audited(id, delivered: delivered))
        }

        func answerLost() {
            dispatcher.record(.lost(id))
        }
    }
}
