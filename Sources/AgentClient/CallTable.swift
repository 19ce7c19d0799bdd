import AgentProtocol
import StrictJSON

/// The calls of one connection and what becomes of them: the client's state machine.
///
/// Pure: events come in as method calls, what is to be done goes out as values. `Waiter` is whatever takes the ending of a
/// call; each waiter is handed out exactly once, whatever happens to the connection.
struct CallTable<Waiter: Sendable>: Sendable {
    /// How a call ends.
    typealias Completion = Result<JSONValue, AgentError>

    /// Endings to deliver, and whether to close the connection behind them.
    struct Actions: Sendable {
        var endings: [(id: RequestID, waiter: Waiter, ending: Completion)] = []
        var event: (waiter: Waiter, event: DaemonEvent)?
        var closes = false
    }

    /// What to do about a new call.
    enum BeginAction: Sendable {
        /// Send its line.
        case send
        /// Send nothing and deliver the ending.
        case end(Waiter, Completion)
    }

    private struct Entry: Sendable {
        let waiter: Waiter
        /// Whether the method may act at Mosaic; decides what an ending without an answer means.
        let actsUpstream: Bool
        var isCancelled = false
    }

    /// Set once; says why nothing more can be sent.
    private var closingError: AgentError?
    private var calls: [RequestID: Entry] = [:]
    /// Ids that were given out and whose calls have not begun; true when the call was cancelled meanwhile, which happens
    /// when the task's cancellation overtakes the registration of its call.
    private var reserved: [RequestID: Bool] = [:]
    /// Calls that ended without an answer; theirs may still come and is no fault of the agent.
    private var abandoned: Set<RequestID> = []
    /// The last error without an id: most likely why the agent closes the connection.
    private var unattributed: ProtocolError?
    private var lastID: Int64 = 0

    /// Whether the call has begun and has no ending yet.
    func isInFlight(_ id: RequestID) -> Bool { calls[id] != nil }

    /// Gives out an id that no other call of this connection has; ``begin(_:_:actsUpstream:)`` or ``release(_:)`` must follow.
    mutating func reserveID() -> RequestID {
        lastID += 1
        guard let id = RequestID(lastID) else { preconditionFailure("a connection has had 2^53 calls") }
        reserved[id] = false
        return id
    }

    /// The call with that id will not begin after all.
    mutating func release(_ id: RequestID) { reserved[id] = nil }

    /// A call is about to be sent.
    mutating func begin(_ id: RequestID, _ waiter: Waiter, actsUpstream: Bool) -> BeginAction {
        if reserved.removeValue(forKey: id) == true {
            let error = AgentError(.cancelled, "the task was cancelled before the call was sent", outcome: .notSent)
            return .end(waiter, .failure(error))
        }
        if let closingError { return .end(waiter, .failure(closingError.with(outcome: .notSent))) }
        calls[id] = Entry(waiter: waiter, actsUpstream: actsUpstream)
        return .send
    }

    /// A line has arrived.
    mutating func received(_ line: AnswerLine) -> Actions {
        guard closingError == nil else { return Actions() }
        let response: Response
        switch line {
        case .answer(let answer): response = answer
        // Events of a watch that no task waits for any more still arrive for a while.
        case .event(let event): return Actions(event: calls[event.watch].map { ($0.waiter, event) })
        case .notification: return Actions()
        }
        switch (response.id, response.outcome) {
        case (let id?, .success(let result)):
            return end(id, .success(result))
        case (let id?, .failure(let error)):
            return end(id, .failure(AgentError(error)))
        case (nil, .failure(let error)):
            return receivedWithoutID(error)
        case (nil, .success):
            return close(AnswerLine.violation("a result without an id"))
        }
    }

    /// Something that is not a line of the protocol has arrived.
    mutating func violated(_ error: AgentError) -> Actions { close(error) }

    /// The connection has ended; a second report is ignored.
    mutating func disconnected() -> Actions {
        guard let unattributed else {
            return close(AgentError(.closed, "the agent closed the connection before it answered"))
        }
        return close(
            AgentError(.closed, "the agent closed the connection: \(unattributed.message)", refusal: unattributed)
        )
    }

    /// The caller wants the call to end.
    ///
    /// - Returns: whether to send `$/cancel`; the call still ends by its answer, or by ``expired(_:)``.
    mutating func cancel(_ id: RequestID) -> Bool {
        if calls[id] == nil {
            if reserved[id] != nil { reserved[id] = true }
            return false
        }
        calls[id]?.isCancelled = true
        return true
    }

    /// The time to wait for an answer has passed.
    mutating func expired(_ id: RequestID) -> Actions {
        guard let entry = calls.removeValue(forKey: id) else { return Actions() }
        let outcome: Outcome = entry.actsUpstream ? .unknown : .notSent
        let error =
            entry.isCancelled
            ? AgentError(.cancelled, "the call was cancelled and the agent did not confirm it", outcome: outcome)
            : AgentError(.noAnswer, "the agent did not answer within the call's deadline", outcome: outcome)
        abandoned.insert(id)
        return Actions(endings: [(id, entry.waiter, .failure(error))])
    }

    private mutating func end(_ id: RequestID, _ ending: Completion) -> Actions {
        if let entry = calls.removeValue(forKey: id) { return Actions(endings: [(id, entry.waiter, ending)]) }
        if abandoned.remove(id) != nil { return Actions() }
        return close(
            AgentError(.protocolViolation, "the agent answered a call that was not made; the connection was closed")
        )
    }

    /// An error without an id belongs to the only call there is, if there is only one; otherwise its call is unknown, and
    /// what is still answered is answered until the agent closes or the calls' deadlines pass.
    private mutating func receivedWithoutID(_ error: ProtocolError) -> Actions {
        unattributed = error
        guard calls.count == 1, let (id, entry) = calls.first else { return Actions() }
        calls[id] = nil
        return Actions(endings: [(id, entry.waiter, .failure(AgentError(error)))])
    }

    private mutating func close(_ error: AgentError) -> Actions {
        guard closingError == nil else { return Actions() }
        closingError = error
        // A connection that was one too many was refused before anything on it was read.
        let nothingWasRead = error.refusal?.kind == .overloaded
        let endings = calls.map { id, entry in
            let outcome: Outcome = entry.actsUpstream && !nothingWasRead ? .unknown : .notSent
            return (id: id, waiter: entry.waiter, ending: Completion.failure(error.with(outcome: outcome)))
        }
        calls = [:]
        return Actions(endings: endings, closes: true)
    }
}
