#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The rate that an endpoint takes when it answers 429 to all, and the uids' shares in it.
///
/// An endpoint overloads when over half of its answers of the last 10 s, of at least 10, are 429s, and these went to at
/// least 3 users or calls that name none: the limits of one user, or of two, are not the endpoint's. The same must hold for
/// over half of the uids that had answers, so that one whose users are all limited does not bind the others.
///
/// | state | event | then |
/// |---|---|---|
/// | free | the endpoint overloads | bound, at half the rate of its answers, at least 1/s |
/// | bound | it overloads still, a second after the last change | the rate is halved, to 1/s at least |
/// | bound | it does not, for each second | the rate rises by a quarter |
/// | bound | the rate reaches twice that of the answers when it was bound | free |
///
/// While it is bound each uid that has called within the last 10 s has an equal share of the rate, so one that calls
/// without end uses up its own.
struct EndpointRate: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Seconds whose answers are counted.
    static let window: Int64 = 10
    /// The fewest answers that say anything.
    static let minimumAnswers = 10
    /// The fewest users, or calls that name none, whose 429s say anything.
    static let minimumSources = 3
    /// The lowest rate, per second.
    static let floor = 1.0
    /// Uids whose shares are kept; one that is forgotten begins anew with one call.
    static let rememberedUIDs = 256

    /// So many answers, and how many of them were 429s.
    private struct Tally: Sendable {
        var answers = 0
        var limited = 0

        /// Whether over half are.
        var isLimited: Bool { limited * 2 > answers }
    }

    /// The answers of one second.
    private struct Second: Sendable {
        let index: Int64
        var callers: [(uid: UInt32?, tally: Tally)] = []
        /// 429s to calls that name no user.
        var untargeted = 0
        /// Users with a 429, as many as matter.
        var targets: [UpstreamTarget] = []
    }

    private struct Share: Sendable {
        /// Calls that may be sent now.
        var tokens: Double
        var refilledAt: Instant
    }

    private struct Binding: Sendable {
        /// Calls per second.
        var rate: Double
        /// The rate from which on the endpoint is free again.
        let release: Double
        var changedAt: Instant
        var shares = LRUTable<UInt32, Share>(capacity: EndpointRate.rememberedUIDs)
    }

    /// The begin of second 0.
    private var origin: Instant?
    /// Oldest first, at most ``window`` of them.
    private var seconds: [Second] = []
    /// Their sum.
    private var all = Tally()
    /// Their sum by uid; under nil those of uids beyond ``rememberedUIDs``.
    private var callers: [UInt32?: Tally] = [:]
    /// Uids over half of whose answers are 429s.
    private var limitedCallers = 0
    private var binding: Binding?

    /// The rate in calls per second, at the last event; nil while the endpoint is free.
    var rate: Double? { binding?.rate }

    /// Whether the endpoint is bound.
    mutating func isBound(at now: Instant) -> Bool {
        adjust(at: now)
        return binding != nil
    }

    /// The endpoint has answered.
    mutating func record(isLimited: Bool, target: UpstreamTarget?, uid: UInt32, at now: Instant) {
        let index = index(of: now)
        if seconds.last?.index != index { seconds.append(Second(index: index)) }
        let last = seconds.count - 1
        let answer = Tally(answers: 1, limited: isLimited ? 1 : 0)
        let caller: UInt32? = callers[uid] != nil || callers.count < Self.rememberedUIDs ? uid : nil
        if let position = seconds[last].callers.firstIndex(where: { $0.uid == caller }) {
            seconds[last].callers[position].tally.answers += answer.answers
            seconds[last].callers[position].tally.limited += answer.limited
        } else {
            seconds[last].callers.append((caller, answer))
        }
        count(answer, of: caller, times: 1)
        if isLimited {
            if let target {
                let known = seconds[last].targets
                if known.count < Self.minimumSources, !known.contains(target) { seconds[last].targets.append(target) }
            } else {
                seconds[last].untargeted += 1
            }
        }
        adjust(at: now)
    }

    /// A call of a uid is about to be sent.
    ///
    /// - Returns: When it may be sent; nil for now.
    mutating func take(for uid: UInt32, at now: Instant) -> Instant? {
        adjust(at: now)
        guard var binding else { return nil }
        var share = binding.shares[uid] ?? Share(tokens: 1, refilledAt: now)
        // Setting it first makes it one of those that share the rate.
        binding.shares.set(uid, to: share)
        let since = now - .seconds(Self.window)
        let callers = binding.shares.values.count { $0.refilledAt > since }
        let rate = binding.rate / Double(max(callers, 1))
        let earned = share.refilledAt.duration(to: now) / .seconds(1) * rate
        share.tokens = min(share.tokens + earned, max(rate, 1))
        share.refilledAt = now
        // A hair below one is one: the time that the caller was told is rounded.
        let mayPass = share.tokens >= 1 - 1e-6
        if mayPass { share.tokens = max(share.tokens - 1, 0) }
        binding.shares.set(uid, to: share)
        self.binding = binding
        return mayPass ? nil : now + .seconds((1 - share.tokens) / rate)
    }

    private mutating func index(of now: Instant) -> Int64 {
        let origin = origin ?? now
        self.origin = origin
        let index = max(origin.duration(to: now).components.seconds, seconds.last?.index ?? 0)
        while let first = seconds.first, first.index <= index - Self.window {
            for (uid, tally) in first.callers { count(tally, of: uid, times: -1) }
            seconds.removeFirst()
        }
        return index
    }

    /// Adds answers to the sums, or takes them away where `times` is -1.
    private mutating func count(_ answers: Tally, of uid: UInt32?, times: Int) {
        all.answers += times * answers.answers
        all.limited += times * answers.limited
        var tally = callers[uid] ?? Tally()
        if tally.isLimited { limitedCallers -= 1 }
        tally.answers += times * answers.answers
        tally.limited += times * answers.limited
        if tally.isLimited { limitedCallers += 1 }
        callers[uid] = tally.answers == 0 ? nil : tally
    }

    /// Binds, changes or frees the endpoint, as the last answers say.
    private mutating func adjust(at now: Instant) {
        // Most endpoints answer no 429 at all; then there is nothing to work out.
        guard binding != nil || all.limited > 0 else { return }
        let index = index(of: now)
        let overloads = overloads
        guard var binding else {
            guard overloads, let first = seconds.first?.index else { return }
            let observed = Double(all.answers) / Double(index - first + 1)
            let rate = max(observed / 2, Self.floor)
            self.binding = Binding(rate: rate, release: max(observed, Self.floor) * 2, changedAt: now)
            return
        }
        let elapsed = binding.changedAt.duration(to: now).components.seconds
        guard elapsed >= 1 else { return }
        if overloads {
            binding.rate = max(binding.rate / 2, Self.floor)
            binding.changedAt = now
        } else {
            binding.rate *= pow(1.25, Double(elapsed))
            binding.changedAt += .seconds(elapsed)
        }
        self.binding = binding.rate < binding.release ? binding : nil
    }

    private var overloads: Bool {
        guard all.answers >= Self.minimumAnswers, all.isLimited, limitedCallers * 2 > callers.count else {
            return false
        }
        let targets = Set(seconds.flatMap(\.targets))
        return targets.count + seconds.reduce(0) { $0 + $1.untargeted } >= Self.minimumSources
    }
}
