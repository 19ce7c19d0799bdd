import AgentProtocol
import Systemd

/// What waits to be written to the audit trail, what was lost on the way there and what is only counted: the state of
/// ``AuditQueue``, a value without a clock, a thread or a sink.
///
/// Its user takes ``nextBatch(now:wallTime:)`` until that is nil, writes each and reports it by ``wrote(_:failure:now:)``; and
/// starts anew when ``startsWriting(now:)`` says so, which it asks after every change and now and then. With ``linger()`` the
/// writer stays ready for a moment in between, so that records that come one by one do not start it one by one.
struct AuditBacklog: Sendable {
    typealias Instant = ContinuousClock.Instant

    private struct Item: Sendable {
        let entry: AuditEntry
        let place: FairShares.Place?
    }

    /// Calls refused and records dropped since that was told last.
    private struct Loss: Sendable {
        var refused: UInt64 = 0
        var dropped: UInt64 = 0
    }

    /// Why nothing can be written now.
    struct Failure: Sendable, Equatable {
        /// What the sink says.
        var reason: String
        /// When the first attempt failed.
        var since: Instant
        /// Attempts in a row that failed.
        var attempts: Int
    }

    /// What the writer does.
    private enum Writer {
        /// Nothing, until it is started.
        case idle
        /// It takes batches and writes them.
        case writing
        /// It waits a moment for records, and looks for them then.
        case lingering
    }

    /// Entries handed to the sink at a time.
    static let maximumBatch = 256
    /// Callers whose losses are told apart.
    static let maximumLosers = 1024
    /// The wait before a failed write is tried again: doubled with each attempt.
    static let firstRetry = Duration.milliseconds(250)
    static let lastRetry = Duration.seconds(4)

    private(set) var shares: FairShares
    private(set) var summaries = CallSummaries()
    private var arrived: [Item] = []
    private var batch: ArraySlice<Item> = []
    private var losses: [UInt32?: Loss] = [:]
    private var writer = Writer.idle
    private var retryAt: Instant?
    /// Whether summaries are written at once, because no more calls will come.
    private var isEnding = false

    /// Why nothing can be written now; nil while it can.
    private(set) var failure: Failure?
    /// When the sink was given what it has not returned from yet.
    private(set) var writingSince: Instant?
    private(set) var written: UInt64 = 0
    private(set) var refused: UInt64 = 0
    private(set) var dropped: UInt64 = 0
    private(set) var summed: UInt64 = 0
    /// When a call was last refused or a record dropped, and whose it was.
    private(set) var lastLoss: (instant: Instant, uid: UInt32)?

    /// Nothing yet.
    ///
    /// - Parameters:
    ///   - capacity: records that may wait or be promised, of all callers together.
    ///   - lane: further ones, for root and the control socket.
    init(capacity: Int, lane: Int) {
        shares = FairShares(capacity: capacity, lane: lane)
    }

    /// Entries that wait to be written.
    var waiting: Int { arrived.count + batch.count }

    /// Whether everything that came has been written, but for what is still being summed up.
    var isSettled: Bool {
        writer != .writing && waiting == 0 && losses.isEmpty && !(isEnding && !summaries.isEmpty)
    }
}

// MARK: Records

extension AuditBacklog {
    /// Takes a place for a record to come; nil when the caller's share is used up.
    mutating func reserve(for caller: AuditCaller) -> FairShares.Place? {
        shares.take(uid: caller.uid, isPrivileged: caller.isPrivileged)
    }

    /// Gives back a place that no record will take.
    mutating func release(_ place: FairShares.Place) {
        shares.giveBack(place)
    }

    /// Takes an entry in, at its place.
    mutating func add(_ entry: AuditEntry, at place: FairShares.Place) {
        arrived.append(Item(entry: entry, place: place))
    }

    /// Takes an entry in, for which no place was taken before; without a free one it is dropped and counted.
    mutating func add(_ entry: AuditEntry, by caller: AuditCaller, now: Instant) {
        guard let place = reserve(for: caller) else {
            dropped += 1
            lose(by: caller.uid, now: now) { $0.dropped += 1 }
            return
        }
        add(entry, at: place)
    }

    /// Takes in the record of a call without effect: as it is while the caller's allowance lasts and a place is free for it,
    /// else counted.
    ///
    /// - Parameter method: the method's name in the summary: one that the protocol knows, for a caller could make up others
    ///   without end.
    /// - Returns: whether the record is kept as it is.
    mutating func addEffectless(
        _ entry: AuditEntry,
        method: String,
        by caller: AuditCaller,
        now: Instant
    ) -> Bool {
        guard case .call(let record) = entry else { preconditionFailure("an entry that is no call has its own way in") }
        if caller.isPrivileged {
            add(entry, by: caller, now: now)
            return true
        }
        if summaries.admits(uid: caller.uid, isForbidden: record.event == .forbidden, now: now),
            let place = reserve(for: caller)
        {
            add(entry, at: place)
            return true
        }
        summed += 1
        summaries.add(
            CallSummaries.Key(
                uid: caller.uid,
                unit: record.callerUnit,
                socket: record.socket,
                method: method,
                verdict: record.verdict,
                error: record.error
            ),
            now: now
        )
        return false
    }

    /// Counts a call that was refused, unrecorded, because no place was free.
    mutating func refuse(_ caller: AuditCaller, now: Instant) {
        refused += 1
        lose(by: caller.uid, now: now) { $0.refused += 1 }
    }

    private mutating func lose(by uid: UInt32, now: Instant, _ count: (inout Loss) -> Void) {
        lastLoss = (now, uid)
        let key = losses[uid] == nil && losses.count >= Self.maximumLosers ? nil : uid
        count(&losses[key, default: Loss()])
    }
}

// MARK: Writing

extension AuditBacklog {
    /// Whether writing is to begin now; then it has begun. While the writer lingers it need not be started.
    mutating func startsWriting(now: Instant) -> Bool {
        guard writer == .idle, hasWork(now: now) else { return false }
        writer = .writing
        return true
    }

    /// Has the writer, which has just found nothing more to do, wait for records for a moment before it ends.
    ///
    /// - Returns: whether it may: not after a failed write, whose next attempt starts it, nor at the end.
    mutating func linger() -> Bool {
        guard writer == .idle, failure == nil, !isEnding else { return false }
        writer = .lingering
        return true
    }

    /// Whether the writer, which lingers, is to be woken now; then it is writing again.
    ///
    /// - Parameter isAwaited: whether what waits is to be written at once, however little it is.
    mutating func endsLingering(isAwaited: Bool, now: Instant) -> Bool {
        guard writer == .lingering, waiting >= lingeringLimit || (isAwaited && !isSettled) || hasNotes(now: now) else {
            return false
        }
        writer = .writing
        return true
    }

    /// Records for which a lingering writer is woken: few beside the places, so that no call is refused for its wait.
    private var lingeringLimit: Int { min(64, max(1, shares.capacity / 16)) }

    /// No more calls will come: what is being summed up is written now, and what failed is tried again at once.
    mutating func end() {
        isEnding = true
        retryAt = nil
    }

    private func hasWork(now: Instant) -> Bool {
        if let retryAt, now < retryAt { return false }
        return waiting > 0 || hasNotes(now: now)
    }

    /// Whether there is something to tell beside the records.
    private func hasNotes(now: Instant) -> Bool {
        !losses.isEmpty || summaries.hasDue(now: now) || (isEnding && !summaries.isEmpty)
    }

    /// The next entries to write, those that could not be written first; nil when there is nothing more to do now.
    mutating func nextBatch(now: Instant, wallTime: WallTime) -> [AuditEntry]? {
        guard writer != .idle, hasWork(now: now) else {
            writer = .idle
            return nil
        }
        writer = .writing
        if batch.isEmpty {
            batch = arrived[...]
            arrived = []
            // What has no place comes in only now, so that it cannot pile up behind a sink that takes nothing.
            batch += takeLosses().map { Item(entry: $0, place: nil) }
            batch += summaries.takeDue(now: now, all: isEnding).map { summary in
                Item(entry: .summary(AuditSummary(summary, now: now, wallTime: wallTime)), place: nil)
            }
        }
        writingSince = now
        return batch.prefix(Self.maximumBatch).map(\.entry)
    }

    private mutating func takeLosses() -> [AuditEntry] {
        defer { losses.removeAll() }
        return losses.sorted { ($0.key ?? .max) < ($1.key ?? .max) }
            .map { uid, loss in .lost(uid: uid, refused: loss.refused, dropped: loss.dropped) }
    }

    /// Writing, which had begun, cannot be done: it is tried again as after a failure of the sink.
    mutating func cannotWrite(because reason: String, now: Instant) {
        writer = .idle
        wrote(0, failure: reason, now: now)
    }

    /// The first `count` entries of the batch are written.
    ///
    /// - Parameter failure: why the next one is not; nil if all are.
    mutating func wrote(_ count: Int, failure reason: String?, now: Instant) {
        writingSince = nil
        for item in batch.prefix(count) {
            if let place = item.place { shares.giveBack(place) }
            if item.entry.event != .recordsLost { written += 1 }
        }
        batch = batch.dropFirst(count)
        guard let reason else {
            failure = nil
            retryAt = nil
            return
        }
        let attempts = count > 0 ? 1 : (failure?.attempts ?? 0) + 1
        failure = Failure(reason: reason, since: failure?.since ?? now, attempts: attempts)
        retryAt = now + min(Self.lastRetry, Self.firstRetry * (1 << min(attempts - 1, 6)))
    }
}
