import AgentClient
import AgentProtocol
import ArgumentParser
import Glibc
import StrictJSON
import Systemd

/// `mosaicctl audit`
struct AuditCommand: StreamingCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Show the agent's audit records in the journal.",
        discussion: """
            Reads the journal itself, so the agent need not run (but for --target-identifier); root may, and members of the groups systemd-journal and \
            adm. Only what the agent's own unit has written counts, on journald's word. Options that are given more than \
            once are alternatives; different options must all hold.

            A point in time is written as for journalctl: "2026-11-22 10:00:00", "10:00", yesterday, today, now, -1h, \
            "2 days ago", @1795000000; local unless it ends in UTC, Z or an offset such as +01:00.

            With --json, each record is an object on a line of its own, with the record in "result".

            Exits 0, also when there is no such record; 4 when the journal may not be read.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var selection: AuditSelectionOptions
    @OptionGroup var place: JournalPlaceOptions

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Only the last records.", valueName: "number"))
    var lines: Int?

    @Flag(name: .shortAndLong, help: "The newest first.")
    var reverse = false

    @Flag(
        name: .shortAndLong,
        help: "Go on with new records as they come, after the last 10 or as many as --lines says."
    )
    var follow = false

    func validate() throws {
        if let lines, lines < 0 { throw ValidationError("--lines must not be negative") }
        if follow, reverse { throw ValidationError("--follow shows the newest last: give it without --reverse") }
        if follow, selection.until != nil { throw ValidationError("--follow has no end: give it without --until") }
    }

    func stream(_ write: @escaping @Sendable (String) throws -> Void) async throws -> ExitStatus {
        let query = try await query()
        let start = WallTime.now()
        var trail = try AuditTrail.open(place.source, query, thisBoot: selection.boot, follows: follow)
        // Names of this machine's users say nothing of another's.
        let isOwn = place.source == .machine
        var last: String?
        func show(_ record: AuditTrailRecord) throws {
            last = record.entry.cursor
            let name: (UInt32) -> String? = { isOwn ? UserDatabase.name(ofUser: $0) : nil }
            try write(global.json ? record.json() : record.line(nameOfUser: name))
        }
        do {
            try showPast(&trail, show)
            if follow {
                try trail.follow(after: last, orFrom: query.since ?? start, show)
            } else if last == nil, !global.json {
                Console.explain("-- No entries --\n")
            }
        } catch let error as SystemCallError {
            throw CommandFailure(.internal, "the journal cannot be read: \(error)")
        }
        if trail.unreadable > 0 {
            Console.complain(
                "\(trail.unreadable) entries cannot be read: journalctl --verify tells which file is damaged"
            )
        }
        return .done
    }

    /// What is in the journal already.
    private func showPast(_ trail: inout AuditTrail, _ show: (AuditTrailRecord) throws -> Void) throws {
        let count = lines ?? (follow && selection.since == nil ? 10 : nil)
        if reverse { return try trail.forEachBackwards(count, show) }
        guard let count else { return try trail.forEach(show) }
        var records: [AuditTrailRecord] = []
        try trail.forEachBackwards(count) { records.append($0) }
        for record in records.reversed() { try show(record) }
    }

    private func query() async throws -> AuditQuery {
        var query = try selection.query()
        query.agentUnit = place.agentUnit
        guard !selection.targetIdentifier.isEmpty else { return query }
        query.targets += try await withAgent(.control) { agent in
            var targets: [AuditTarget] = []
            for user in selection.targetIdentifier {
                let parameters = DaemonTargetHash.Parameters(user.kind, user.identifier)
                let result = try await agent.call(DaemonTargetHash.self, parameters, metadata: global.metadata)
                targets.append(.whole(result.target))
            }
            return targets
        }
        return query
    }
}
