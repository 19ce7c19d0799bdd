/// Stops sending to an endpoint class that does not work, and finds out when it works again.
///
/// Opens after five failures in a row. While open, calls are refused without being sent; after a wait that doubles
/// from 2 s to 30 s it lets one call through as a probe, whose success closes it.
///
/// Only what speaks against Mosaic as a whole counts as a failure. What one caller can bring about, such as a time-out
/// cut short by that caller's own deadline, is ignored: no caller can switch off another's logins.
package struct CircuitBreaker: Sendable {
    package typealias Instant = ContinuousClock.Instant

    enum State: Sendable, Hashable {
        case closed(failures: Int)
        case open(until: Instant, openings: Int)
        case halfOpen(probe: UInt64?, openings: Int)
    }

    /// Failures in a row that open it.
    static let threshold = 5
    /// The wait before a probe.
    static let openings = Backoff(base: .seconds(2), cap: .seconds(30))
    /// A call that had at least this long counts when it times out.
    static let patience = Duration.seconds(5)

    private(set) var state = State.closed(failures: 0)
    private var nextPermit: UInt64 = 0

    /// A closed breaker.
    package init() {}

    /// Leave to send one call; its result is to be reported with it.
    package struct Permit: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    /// Whether a call may be sent.
    package enum Admission: Sendable, Hashable {
        /// It may, and its result must be reported.
        case send(Permit)
        /// It may not; a probe is possible at the instant, or as soon as the one under way has ended.
        case refuse(until: Instant)
    }

    /// How a call ended, as far as the breaker is concerned.
    package enum Result: Sendable, Hashable, CaseIterable {
        /// Mosaic works.
        case success
        /// Mosaic does not work.
        case failure
        /// Nothing is known about Mosaic.
        case ignored
    }

    /// A call is about to be sent.
    package mutating func admit(at now: Instant) -> Admission {
        let permit = Permit(number: nextPermit)
        switch state {
        case .closed:
            break
        case .open(let until, let openings):
            guard now >= until else { return .refuse(until: until) }
            state = .halfOpen(probe: permit.number, openings: openings)
        case .halfOpen(nil, let openings):
            state = .halfOpen(probe: permit.number, openings: openings)
        case .halfOpen:
            return .refuse(until: now)
        }
        nextPermit += 1
        return .send(permit)
    }

    /// A call that was let through has ended.
    package mutating func report(_ result: Result, for permit: Permit, at now: Instant) {
        switch (state, result) {
        case (.closed, .success):
            state = .closed(failures: 0)
        case (.closed(let failures), .failure):
            state =
                failures + 1 < Self.threshold
                ? .closed(failures: failures + 1) : .open(until: now + Self.openings.bound(attempt: 0), openings: 1)
        case (.halfOpen(permit.number, _), .success):
            state = .closed(failures: 0)
        case (.halfOpen(permit.number, let openings), .failure):
            state = .open(until: now + Self.openings.bound(attempt: openings), openings: openings + 1)
        case (.halfOpen(permit.number, let openings), .ignored):
            state = .halfOpen(probe: nil, openings: openings)
        case (.closed, .ignored), (.open, _), (.halfOpen, _):
            // Late results of calls sent before it opened say nothing new.
            break
        }
    }

    /// What a failed call says about Mosaic.
    ///
    /// - Parameters:
    ///   - failure: The failure.
    ///   - patience: How long the call had when it was sent.
    static func result(of failure: APIFailure, patience: Duration) -> Result {
        if let transport = failure.transport {
            switch transport {
            case .connect, .connectTimeout, .tls, .proxy, .reset: return .failure
            case .deadline: return patience >= Self.patience ? .failure : .ignored
            case .clientCertificate, .pool, .cancelled, .aborted, .malformed, .headersTooLarge, .bodyTooLarge,
                .shutDown:
                return .ignored
            }
        }
        guard let status = failure.status else { return .ignored }
        guard status >= 500 else { return .success }
        // A symbolic code comes from the application itself, about something behind it, such as an SMS provider.
        return failure.code == nil ? .failure : .ignored
    }
}
