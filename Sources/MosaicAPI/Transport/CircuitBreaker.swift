/// Stops sending to an endpoint class that does not work, and finds out when it works again.
///
/// | event | closed | open |
/// |---|---|---|
/// | a call | is sent | is sent as a probe, if its uid may have one; else refused |
/// | a failure | counts once per (uid, target) and 10 s; the fifth opens it, unless Mosaic works for another uid | changes nothing |
/// | a success | forgets the failures | closes it, whichever call it was |
/// | an ignored end | changes nothing | changes nothing |
///
/// While it is open each uid may send one probe per second, so no caller waits for another's. At most 8 probes are on the
/// way: a uid may take a further place while it holds fewer than are free, and one place is kept for root and the agent
/// itself. A probe holds its place for 5 s; its exchange goes on beyond that. A refusal names the probe of the same uid that
/// is on the way, for whose end the call may wait: see ``ProbeQueue``.
///
/// Mosaic works for a uid that had a success within the last 10 s and no failure since: one whose every call fails does not
/// stop the calls of others. Only what speaks against Mosaic as a whole counts as a failure. What one caller can bring about, such as a time-out
/// cut short by that caller's own deadline, is ignored: no caller can switch off another's logins.
package struct CircuitBreaker: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What there is to see from outside.
    enum State: Sendable, Hashable {
        /// Calls pass; so many failures have counted since the last success.
        case closed(failures: Int)
        /// Only probes pass; so many of them hold a place.
        case open(probes: Int)
    }

    /// Failures that open it.
    static let threshold = 5
    /// A further failure of the same uid and target within this time does not count.
    static let repeatWindow = Duration.seconds(10)
    /// The time between two probes of one uid.
    static let probeInterval = Duration.seconds(1)
    /// Places for probes.
    static let maximumProbes = 8
    /// How long a probe holds its place.
    static let probeTime = Duration.seconds(5)
    /// A call that had at least this long counts when it times out.
    static let timeout = Duration.seconds(5)
    /// Uids whose last probe is remembered; one that is forgotten may probe again early.
    static let rememberedUIDs = 1024

    private struct Failure: Sendable {
        let uid: UInt32
        let target: UpstreamTarget?
        let at: Instant
    }

    private struct Success: Sendable {
        let uid: UInt32
        var at: Instant
    }

    private struct Probe: Sendable {
        let number: UInt64
        let uid: UInt32
        let since: Instant
    }

    private var isOpen = false
    /// Those that count, fewer than ``threshold``.
    private var failures: [Failure] = []
    /// The last success of each of the two uids that had one last, the later one at the end.
    private var successes: [Success] = []
    /// Those that hold a place, oldest first.
    private var probes: [Probe] = []
    private var lastProbes = LRUTable<UInt32, Instant>(capacity: Self.rememberedUIDs)
    private var nextPermit: UInt64 = 0

    /// A closed breaker.
    package init() {}

    /// What the breaker does, at the last event.
    var state: State { isOpen ? .open(probes: probes.count) : .closed(failures: failures.count) }

    /// Leave to send one call; its result is to be reported with it.
    package struct Permit: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    /// Whether a call may be sent.
    package enum Admission: Sendable, Hashable {
        /// It may, and its result must be reported.
        case send(Permit)
        /// It may not; this caller can have a probe at the instant. The probe is the last one of the caller's own that holds
        /// a place, if one does.
        case refuse(until: Instant, probe: OwnProbe?)
    }

    /// A probe on the way, as another call of the same uid sees it.
    package struct OwnProbe: Sendable, Hashable {
        /// The probe's own leave.
        package let permit: Permit
        /// When its place ends.
        package let end: Instant
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

    /// A call of a uid is about to be sent.
    package mutating func admit(uid: UInt32, at now: Instant) -> Admission {
        if isOpen {
            if let refusal = refusal(of: uid, at: now) {
                let own = probes.last { $0.uid == uid }
                return .refuse(
                    until: refusal,
                    probe: own.map { OwnProbe(permit: Permit(number: $0.number), end: $0.since + Self.probeTime) }
                )
            }
            probes.append(Probe(number: nextPermit, uid: uid, since: now))
            lastProbes.set(uid, to: now)
        }
        defer { nextPermit += 1 }
        return .send(Permit(number: nextPermit))
    }

    /// Whether a call that a probe's end decides still has to wait for it.
    func isOnTheWay(_ probe: Permit) -> Bool { probes.contains { $0.number == probe.number } }

    /// When a uid can have its next probe; nil when that is now.
    private mutating func refusal(of uid: UInt32, at now: Instant) -> Instant? {
        probes.removeAll { $0.since + Self.probeTime <= now }
        if let last = lastProbes[uid], last + Self.probeInterval > now { return last + Self.probeInterval }
        let held = probes.count { $0.uid == uid }
        let free: Int
        if uid == 0 {
            free = Self.maximumProbes - probes.count
        } else {
            // One place is root's; it is used up by the first of root's probes.
            let others = probes.count { $0.uid != 0 }
            free = min(Self.maximumProbes - 1 - others, Self.maximumProbes - probes.count)
        }
        if held < free { return nil }
        let end = probes.first.map { $0.since + Self.probeTime } ?? now
        return max(end, now)
    }

    /// A call that was let through has ended.
    ///
    /// - Parameters:
    ///   - uid: Whose call it was.
    ///   - target: The user that it named.
    package mutating func report(
        _ result: Result,
        for permit: Permit,
        uid: UInt32,
        target: UpstreamTarget? = nil,
        at now: Instant
    ) {
        probes.removeAll { $0.number == permit.number }
        switch result {
        case .success:
            isOpen = false
            failures = []
            probes = []
            lastProbes.removeAll()
            note(Success(uid: uid, at: now))
        case .failure where !isOpen:
            let isRepeated = failures.contains {
                $0.uid == uid && $0.target == target && $0.at + Self.repeatWindow > now
            }
            guard !isRepeated else { return }
            failures.append(Failure(uid: uid, target: target, at: now))
            guard failures.count >= Self.threshold else { return }
            guard !worksForAnother(at: now) else {
                failures.removeFirst()
                return
            }
            isOpen = true
            failures = []
        case .failure, .ignored:
            break
        }
    }

    private mutating func note(_ success: Success) {
        if let last = successes.indices.last, successes[last].uid == success.uid {
            successes[last].at = success.at
        } else {
            successes = successes.suffix(1) + [success]
        }
    }

    /// Whether Mosaic works for a uid that has none of the failures, all of which came after the last success.
    private func worksForAnother(at now: Instant) -> Bool {
        successes.contains { success in
            success.at + Self.repeatWindow > now && !failures.contains { $0.uid == success.uid }
        }
    }

    /// What a failed call says about Mosaic.
    ///
    /// - Parameters:
    ///   - failure: The failure.
    ///   - timeout: How long the call had when it was sent.
    static func result(of failure: APIFailure, timeout: Duration) -> Result {
        if let transport = failure.transport {
            switch transport {
            case .connect, .connectTimeout, .tls, .proxy, .reset: return .failure
            case .deadline: return timeout >= Self.timeout ? .failure : .ignored
            case .clientCertificate, .pool, .stale, .cancelled, .aborted, .malformed, .headersTooLarge, .bodyTooLarge,
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
