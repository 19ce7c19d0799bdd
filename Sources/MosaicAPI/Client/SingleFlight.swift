import Synchronization

/// Lets concurrent callers that want the same thing share one request.
///
/// The request belongs to no caller: it runs in the background under its own time limit, so a caller that gives up takes
/// nothing away from the others, and it leaves the host as long as one of them still wants it. Each caller waits with its
/// own deadline and is told of departure and answer as if the request were its own.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// The request. It must end by the deadline of the call that it is given.
    typealias Work = @Sendable (UpstreamCall) async -> Result<Value, APIFailure>

    private enum Arrival: Sendable {
        case result(Result<Value, APIFailure>)
        /// The caller gave up waiting, before or after the request had left.
        case left(departed: Bool)
    }

    private typealias Waiter = CheckedContinuation<Arrival, Never>

    private struct Participant: Sendable {
        let call: UpstreamCall
        let waiter: Waiter
    }

    private struct Entry: Sendable {
        /// Tells it from a later one with the same key.
        let number: UInt64
        var participants: [UInt64: Participant] = [:]
        var hasDeparted = false
    }

    private struct State: Sendable {
        var flights: [Key: Entry] = [:]
        var nextNumber: UInt64 = 0
        var isStopped = false

        mutating func number() -> UInt64 {
            nextNumber += 1
            return nextNumber
        }
    }

    private let state = Mutex(State())
    private let clock: any AgentClock
    private let background: BackgroundWork
    private let timeLimit: Duration

    /// - Parameters:
    ///   - background: Where the requests run.
    ///   - timeLimit: How long a request may take, whatever waits for it.
    init(clock: any AgentClock, background: BackgroundWork, timeLimit: Duration) {
        self.clock = clock
        self.background = background
        self.timeLimit = timeLimit
    }

    /// The result of the request for `key`: of the one under way, or of a new one.
    ///
    /// - Throws: What the request ended with, or that the caller's deadline passed or its task was cancelled first.
    func result(for key: Key, call: UpstreamCall, work: @escaping Work) async throws(APIFailure) -> Value {
        let number = state.withLock { $0.number() }
        let arrival = await withDeadline(call.deadline, clock: clock) {
            await self.join(key, as: number, call: call, work: work)
        }
        switch arrival {
        case .result(let result):
            return try result.get()
        case .left(let departed):
            let kind: APIFailure.Kind = Task.isCancelled ? .cancelled : .deadlineExceeded
            throw APIFailure(kind, outcome: departed ? .unknown : .notSent)
        case nil:
            throw APIFailure(.deadlineExceeded, outcome: .notSent)
        }
    }

    /// Fails all that still wait; no caller is let in any more. For the end, when no work runs any longer.
    func stop() {
        let flights = state.withLock { state in
            state.isStopped = true
            defer { state.flights = [:] }
            return state.flights
        }
        for flight in flights.values {
            let outcome: APIFailure.Outcome = flight.hasDeparted ? .unknown : .notSent
            Self.resume(flight.participants, with: .failure(APIFailure(.shuttingDown, outcome: outcome)))
        }
    }

    /// How many callers wait at the moment, for all keys together.
    var waitingCount: Int {
        state.withLock { state in state.flights.values.reduce(0) { $0 + $1.participants.count } }
    }

    // MARK: Waiting

    private enum Step {
        case begin(flight: UInt64)
        case wait
        case board
        case refuse(Arrival)
    }

    private func join(_ key: Key, as number: UInt64, call: UpstreamCall, work: @escaping Work) async -> Arrival {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                switch enter(key, as: number, Participant(call: call, waiter: waiter)) {
                case .wait: break
                case .refuse(let arrival): waiter.resume(returning: arrival)
                case .board: if !call.willSend() { leave(key, number, resumingWith: .left(departed: false)) }
                case .begin(let flight):
                    let hasBegun = background.start { await self.run(key, flight: flight, uid: call.uid, work) }
                    if !hasBegun {
                        complete(key, flight: flight, .failure(APIFailure(.shuttingDown, outcome: .notSent)))
                    }
                }
            }
        } onCancel: {
            leave(key, number, resumingWith: nil)
        }
    }

    private func enter(_ key: Key, as number: UInt64, _ participant: Participant) -> Step {
        state.withLock { state in
            if state.isStopped {
                return .refuse(.result(.failure(APIFailure(.shuttingDown, outcome: .notSent))))
            }
            // The cancellation handler may have run already; it found no waiter to resume then.
            if Task.isCancelled { return .refuse(.left(departed: false)) }
            if state.flights[key] != nil {
                state.flights[key]?.participants[number] = participant
                return state.flights[key]?.hasDeparted == true ? .board : .wait
            }
            var flight = Entry(number: state.number())
            flight.participants[number] = participant
            state.flights[key] = flight
            return .begin(flight: flight.number)
        }
    }

    private func leave(_ key: Key, _ number: UInt64, resumingWith arrival: Arrival?) {
        let (participant, departed) = state.withLock { state in
            (state.flights[key]?.participants.removeValue(forKey: number), state.flights[key]?.hasDeparted ?? false)
        }
        participant?.waiter.resume(returning: arrival ?? .left(departed: departed))
    }

    private static func resume(_ participants: [UInt64: Participant], with result: Result<Value, APIFailure>) {
        for participant in participants.values { participant.waiter.resume(returning: .result(result)) }
    }

    // MARK: The request

    private func run(_ key: Key, flight: UInt64, uid: UInt32, _ work: Work) async {
        let call = UpstreamCall(
            deadline: clock.now + timeLimit,
            uid: uid,
            willSend: { self.depart(key, flight: flight) },
            didAnswer: { status in
                for participant in self.participants(key, flight: flight).values { participant.call.didAnswer(status) }
            }
        )
        complete(key, flight: flight, await work(call))
    }

    /// Asks all for the last word; one that still wants it is enough.
    ///
    /// No caller can get in between the last refusal and the end of the flight, so a newcomer finds either a flight that
    /// leaves or none at all.
    private func depart(_ key: Key, flight number: UInt64) -> Bool {
        var asked: Set<UInt64> = []
        while true {
            let newcomers = newcomers(key, flight: number, beyond: asked)
            if newcomers.isEmpty { return false }
            asked.formUnion(newcomers.keys)
            if newcomers.values.count(where: { $0.call.willSend() }) > 0 { break }
        }
        let late = state.withLock { state -> [UInt64: Participant] in
            guard state.flights[key]?.number == number else { return [:] }
            state.flights[key]?.hasDeparted = true
            return state.flights[key]?.participants.filter { !asked.contains($0.key) } ?? [:]
        }
        for (number, participant) in late where !participant.call.willSend() {
            leave(key, number, resumingWith: .left(departed: false))
        }
        return true
    }

    /// Those who have not been asked yet; if there are none, the flight is over.
    private func newcomers(_ key: Key, flight number: UInt64, beyond asked: Set<UInt64>) -> [UInt64: Participant] {
        let (newcomers, abandoned) = state.withLock { state -> ([UInt64: Participant], Entry?) in
            guard let flight = state.flights[key], flight.number == number else { return ([:], nil) }
            let newcomers = flight.participants.filter { !asked.contains($0.key) }
            return (newcomers, newcomers.isEmpty ? state.flights.removeValue(forKey: key) : nil)
        }
        if let abandoned {
            for participant in abandoned.participants.values {
                participant.waiter.resume(returning: .left(departed: abandoned.hasDeparted))
            }
        }
        return newcomers
    }

    private func participants(_ key: Key, flight number: UInt64) -> [UInt64: Participant] {
        state.withLock { state in
            guard let flight = state.flights[key], flight.number == number else { return [:] }
            return flight.participants
        }
    }

    private func complete(_ key: Key, flight number: UInt64, _ result: Result<Value, APIFailure>) {
        let flight = state.withLock { state -> Entry? in
            guard state.flights[key]?.number == number else { return nil }
            return state.flights.removeValue(forKey: key)
        }
        if let flight { Self.resume(flight.participants, with: result) }
    }
}
