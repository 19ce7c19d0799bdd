/// What may happen on a connection to the credential socket, and when: the call is answered in time, and the peer reads
/// what it asked for in time, or the connection closes.
///
/// It only decides; its owner acts.
struct CredentialExchange {
    /// How long the call may take to end once it was told to.
    static let timeout = Duration.seconds(1)

    /// What to do with an answer.
    enum AnswerAction: Equatable {
        /// Hand the credential over.
        case write
        /// Close the connection: there is none to hand over.
        case close
        /// Nothing: the connection is over.
        case discard
    }

    /// What to do when time has passed.
    enum TimerAction: Equatable {
        case goOn
        /// End the call at its deadline.
        case endCall
        /// Close the connection, whatever is in flight.
        case close
    }

    private enum State {
        case waiting(until: ContinuousClock.Instant)
        case ending(until: ContinuousClock.Instant)
        case writing(until: ContinuousClock.Instant)
        case over
    }

    private var state: State
    private let unreadAge: Duration

    /// A connection whose call has begun.
    ///
    /// - Parameters:
    ///   - deadline: when the call must be answered.
    ///   - unreadAge: how long the peer may take to read the credential.
    init(deadline: ContinuousClock.Instant, unreadAge: Duration) {
        state = .waiting(until: deadline)
        self.unreadAge = unreadAge
    }

    /// When ``timer(now:)`` is to be asked next; nil if never.
    var timerDue: ContinuousClock.Instant? {
        switch state {
        case .waiting(let until), .ending(let until), .writing(let until): until
        case .over: nil
        }
    }

    /// The call is answered.
    mutating func answered(hasCredential: Bool, now: ContinuousClock.Instant) -> AnswerAction {
        switch state {
        case .waiting, .ending:
            guard hasCredential else {
                state = .over
                return .close
            }
            state = .writing(until: now + unreadAge)
            return .write
        case .writing:
            preconditionFailure("a call was answered twice")
        case .over:
            return .discard
        }
    }

    /// Something may be due.
    mutating func timer(now: ContinuousClock.Instant) -> TimerAction {
        guard let due = timerDue, now >= due else { return .goOn }
        guard case .waiting = state else {
            state = .over
            return .close
        }
        state = .ending(until: now + Self.timeout)
        return .endCall
    }

    /// The connection is over, for whatever reason.
    mutating func abandon() {
        state = .over
    }
}
