import AgentProtocol
import NIOCore
import Secrets

// Lines become calls.
extension ConnectionHandler {
    /// Longer than anything runs.
    private static var unlimited: Duration { .seconds(100 * 365 * 86_400) }

    /// All lines that have come are handled.
    func drained(now: ContinuousClock.Instant) {
        guard input.isEnded else {
            return machine.inputDrained(hasPartialLine: input.hasPartialLine, now: now)
        }
        let line = input.finish()
        defer { line?.wipeInPlace() }
        guard machine.inputEnded(hasPartialLine: line != nil) == .answer, let line else { return }
        guard case .invalid(let error) = IncomingLine(unterminated: line) else { return }
        refuseLine(withoutIDInFlight(error))
    }

    /// Takes what the framer has found.
    func handle(_ event: LineFramer.Event, now: ContinuousClock.Instant) {
        switch event {
        case .line(let line):
            handle(line, now: now)
            // What the call needs of the line has been copied.
            line.wipeInPlace()
        case .tooLong:
            guard machine.receiveOverlongLine() == .answer else { return }
            shared.counters.connectionsBroken.increment()
            refuseLine(.lineTooLong(limit: limits.lineBytes))
        case .unterminated:
            preconditionFailure("the framer ended a stream that has not ended")
        }
    }

    private func handle(_ line: [UInt8], now: ContinuousClock.Instant) {
        switch IncomingLine(parsing: line) {
        case .request(let request):
            receive(request, now: now)
        case .cancel(let id):
            cancel(id)
        case .invalid(let error):
            let error = withoutIDInFlight(error)
            switch machine.receiveBadLine(namesCall: error.id != nil, now: now) {
            case .answer: refuseLine(error)
            case .answerLast:
                shared.counters.connectionsBroken.increment()
                refuseLine(.tooManyBadLines)
            case .ignore: break
            }
        }
    }

    /// Under an id that is in flight the error would pass for the answer to the first call, so it gets none then.
    private func withoutIDInFlight(_ error: ProtocolError) -> ProtocolError {
        let isInFlight = error.id.map { machine.isInFlight($0) } ?? false
        return isInFlight ? error.answering(nil) : error
    }

    private func receive(_ request: Request, now: ContinuousClock.Instant) {
        let timeLimit = request.timeLimit(on: connection.socket)
        let isOpenEnded = request.isOpenEnded(on: connection.socket)
        var notify: (@Sendable ([UInt8]) async -> Bool)?
        if isOpenEnded, let eventLoop {
            let handle = ConnectionHandle(self, on: eventLoop)
            notify = { lines in await handle.notify(lines) }
        }
        let call = Call(
            request: request,
            socket: connection.socket,
            caller: connection.caller,
            connection: connection.number,
            arrival: now,
            deadline: now + (timeLimit ?? Self.unlimited),
            control: CallLifecycle(),
            isOpenEnded: isOpenEnded,
            notify: notify,
            isProbe: connection.isProbe,
            unit: connection.unit
        )
        let isServedAlways = request.method.hasPrefix("system.")
        let action = machine.receiveCall(
            request.id,
            call,
            isServedAlways: isServedAlways,
            isOpenEnded: call.isOpenEnded,
            deadline: timeLimit.map { now + $0 }
        )
        switch action {
        case .refuseDuplicate:
            return refuseLine(.idInFlight)
        case .ignore:
            return
        case .park:
            break
        case .start(let call):
            start(call)
        case .startEnded(let call, let ending):
            start(call, endedBecause: ending)
        }
        shared.counters.callsReceived.increment()
        shared.counters.callsInFlight.increment()
        holdMemory(HeldMemory.perCall)
    }

    private func cancel(_ id: RequestID) {
        switch machine.receiveCancel(id) {
        case .end(let call): call.control.end(.cancelled)
        case .startEnded(let call): start(call, endedBecause: .cancelled)
        case .ignore: break
        }
    }

    /// Has a call run; what has ended already is only answered.
    func start(_ call: Call, endedBecause ending: CallLifecycle.EndReason? = nil) {
        if let ending { call.control.end(ending) }
        guard let eventLoop else { preconditionFailure("a call was read before the connection was active") }
        runner.start(call, for: ConnectionHandle(self, on: eventLoop))
    }
}
