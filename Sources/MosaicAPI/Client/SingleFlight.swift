import Concurrency
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

    /// Those who wait, with their calls.
    private typealias Participants = WaiterList<Arrival, UpstreamCall>

    private struct Entry: Sendable {
        /// Tells it from a later one with the same key.
        let number: UInt64
        var participants = Participants()
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
        let arrival = await withDeadline(call.deadline, clock: clock) {
            await self.join(key, call: call, work: work)
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
            Self.resume(flight.participants, with: .result(.failure(APIFailure(.shuttingDown, outcome: outcome))))
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

    private func join(_ key: Key, call: UpstreamCall, work: @escaping Work) async -> Arrival {
        await Waiter<Arrival>.wait { waiter in
            switch enter(key, waiter, call) {
            case .wait: break
            case .refuse(let arrival): waiter.resume(returning: arrival)
            case .board: if !call.willSend() { leave(key, waiter.id, resumingWith: .left(departed: false)) }
            case .begin(let flight):
                let hasBegun = background.start { await self.run(key, flight: flight, uid: call.uid, work) }
                if !hasBegun {
                    complete(key, flight: flight, .failure(APIFailure(.shuttingDown, outcome: .notSent)))
                }
            }
        } leave: { id in
            self.leave(key, id, resumingWith: nil)
        }
    }

    private func enter(_ key: Key, _ waiter: Waiter<Arrival>, _ call: UpstreamCall) -> Step {
        state.withLock { state in
            if state.isStopped {
                return .refuse(.result(.failure(APIFailure(.shuttingDown, outcome: .notSent))))
            }
            if Task.isCancelled { return .refuse(.left(departed: false)) }
            if state.flights[key] != nil {
                state.flights[key]?.participants.add(waiter, call)
                return state.flights[key]?.hasDeparted == true ? .board : .wait
            }
            var flight = Entry(number: state.number())
            flight.participants.add(waiter, call)
            state.flights[key] = flight
            return .begin(flight: flight.number)
        }
    }

    private func leave(_ key: Key, _ id: WaiterID, resumingWith arrival: Arrival?) {
        let (waiter, departed) = state.withLock { state in
            (state.flights[key]?.participants.remove(id), state.flights[key]?.hasDeparted ?? false)
        }
        waiter?.resume(returning: arrival ?? .left(departed: departed))
    }

    private static func resume(_ participants: Participants, with arrival: Arrival) {
        for participant in participants.all.values { participant.waiter.resume(returning: arrival) }
    }

    // MARK: The request

    private func run(_ key: Key, flight: UInt64, uid: UInt32, _ work: Work) async {
        let call = UpstreamCall(
            deadline: clock.now + timeLimit,
            uid: uid,
            willSend: { self.depart(key, flight: flight) },
            didAnswer: { status in
                for participant in self.participants(key, flight: flight).values { participant.note.didAnswer(status) }
            }
        )
        complete(key, flight: flight, await work(call))
    }

    /// Asks all for the last word; one that still wants it is enough.
    ///
    /// No caller can get in between the last refusal and the end of the flight, so a newcomer finds either a flight that
    /// leaves or none at all.
    private func depart(_ key: Key, flight number: UInt64) -> Bool {
        var asked: Set<WaiterID> = []
        while true {
            let newcomers = newcomers(key, flight: number, beyond: asked)
            if newcomers.isEmpty { return false }
            asked.formUnion(newcomers.keys)
            if newcomers.values.count(where: { $0.note.willSend() }) > 0 { break }
        }
        let late = state.withLock { state -> [WaiterID: Participants.Entry] in
            guard state.flights[key]?.number == number else { return [:] }
            state.flights[key]?.hasDeparted = true
            return state.flights[key]?.participants.all.filter { !asked.contains($0.key) } ?? [:]
        }
        for (id, participant) in late where !participant.note.willSend() {
            leave(key, id, resumingWith: .left(departed: false))
        }
        return true
    }

    /// Those who have not been asked yet; if there are none, the flight is over.
    private func newcomers(
        _ key: Key,
        flight number: UInt64,
        beyond asked: Set<WaiterID>
    ) -> [WaiterID: Participants.Entry] {
        let (newcomers, abandoned) = state.withLock { state -> ([WaiterID: Participants.Entry], Entry?) in
            guard let flight = state.flights[key], flight.number == number else { return ([:], nil) }
            let newcomers = flight.participants.all.filter { !asked.contains($0.key) }
            return (newcomers, newcomers.isEmpty ? state.flights.removeValue(forKey: key) : nil)
        }
        if let abandoned { Self.resume(abandoned.participants, with: .left(departed: abandoned.hasDeparted)) }
        return newcomers
    }

    private func participants(_ key: Key, flight number: UInt64) -> [WaiterID: Participants.Entry] {
        state.withLock { state in
            guard let flight = state.flights[key], flight.number == number else { return [:] }
            return flight.participants.all
        }
    }

    private func complete(_ key: Key, flight number: UInt64, _ result: Result<Value, APIFailure>) {
        let flight = state.withLock { state -> Entry? in
            guard state.flights[key]?.number == number else { return nil }
            return state.flights.removeValue(forKey: key)
        }
        if let flight { Self.resume(flight.participants, with: .result(result)) }
    }
}
