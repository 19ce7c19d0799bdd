import AgentProtocol

/// Decides which changes of the agent's health are told, and where.
///
/// The service manager's status line follows each change. The log has a change at once when it has been quiet for a while;
/// what comes and goes in between, as with a cloud that answers every other time, is counted and not told.
struct HealthNews {
    /// How long the log has nothing more of it after a change.
    static let quietTime = Duration.seconds(10)

    /// What is to be told of a look.
    struct Announcement: Equatable {
        /// Whether the status line changes.
        var status = false
        /// For the log: how many changes there were since it was last told, this one included; nil for nothing.
        var changes: Int?
    }

    /// The report of the last look.
    private(set) var last: HealthReport?
    /// What the log knows.
    private var told: HealthReport?
    private var quietUntil: ContinuousClock.Instant?
    private var changes = 0

    /// Takes a look.
    mutating func see(_ report: HealthReport, now: ContinuousClock.Instant) -> Announcement {
        guard let last, let told else {
            last = report
            told = report
            // The first look finds the first token on its way, which is no news.
            return Announcement(status: true, changes: report.status == .unhealthy ? 1 : nil)
        }
        var announcement = Announcement(status: report.standing != last.standing)
        if !report.isSame(as: last) { changes += 1 }
        self.last = report
        guard !report.isSame(as: told), quietUntil.map({ $0 <= now }) ?? true else { return announcement }
        announcement.changes = changes
        self.told = report
        quietUntil = now + Self.quietTime
        changes = 0
        return announcement
    }
}

extension HealthReport {
    /// What must change for the report to be news: seconds that run down do not count.
    fileprivate var standing: [HealthCheck] {
        problems.map { check in
            var check = check
            check.message = String(check.message.filter { !$0.isNumber })
            return check
        }
    }

    /// Whether the log would say the same of both.
    fileprivate func isSame(as other: HealthReport) -> Bool {
        status == other.status && problems.map(\.name) == other.problems.map(\.name)
    }
}
