import AgentProtocol
import ArgumentParser
import Systemd

/// Which audit records are wanted.
struct AuditSelectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("No records before that point in time.", valueName: "time"))
    var since: PointInTime?

    @Option(help: ArgumentHelp("No records after that point in time.", valueName: "time"))
    var until: PointInTime?

    @Option(help: ArgumentHelp("Calls by that user, given by number or name.", valueName: "user"))
    var caller: [String] = []

    @Option(help: ArgumentHelp("Calls by processes of that systemd unit.", valueName: "unit"))
    var unit: [String] = []

    @Option(help: ArgumentHelp("Calls of that method, such as password.authenticate.", valueName: "name"))
    var method: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            Calls that came to that: granted, denied, password_change_required, continue, accepted, ok for a result \
            without a verdict, error, or the kind of an error, such as forbidden.
            """,
            valueName: "word"
        )
    )
    var verdict: [AuditWord] = []

    @Option(help: ArgumentHelp("Calls through that configured Mosaic client.", valueName: "name"))
    var client: [String] = []

    @Option(help: ArgumentHelp("Calls that that access rule allowed.", valueName: "name"))
    var rule: [String] = []

    @Option(
        help: ArgumentHelp(
            "Calls about that user, given as in the record; of a hash, the first 8 digits or more will do.",
            valueName: "hash"
        )
    )
    var target: [AuditTarget] = []

    @Option(
        help: ArgumentHelp(
            """
            Calls about that user, given as the calls had it, such as email:alice@example.com; the running agent is asked \
            for the hash (see target-hash), over the control socket.
            """,
            valueName: "kind:value"
        )
    )
    var targetIdentifier: [TargetIdentifier] = []

    @Option(help: ArgumentHelp("The call that an error named with that call_id.", valueName: "id"))
    var callID: [String] = []

    @Option(help: ArgumentHelp("Calls whose caller gave them that trace_id.", valueName: "id"))
    var traceID: [String] = []

    @Flag(name: .shortAndLong, help: "Only records since the machine was booted.")
    var boot = false

    func validate() throws {
        if let since, let until, until.time < since.time { throw ValidationError("--until is before --since") }
    }

    /// The query that they make.
    func query() throws(CommandFailure) -> AuditQuery {
        var query = AuditQuery()
        query.since = since?.time
        query.until = until?.time
        query.callers = try caller.map { (text) throws(CommandFailure) in try Self.uid(text) }
        query.units = unit.map { AuditQuery.unit(named: $0) }
        query.methods = method
        query.verdicts = verdict.map(\.text)
        query.clients = client
        query.rules = rule
        query.targets = target
        query.callIDs = callID
        query.traceIDs = traceID
        return query
    }

    private static func uid(_ text: String) throws(CommandFailure) -> UInt32 {
        if let uid = UInt32(text) { return uid }
        guard let user = UserDatabase.user(named: text) else {
            throw CommandFailure(.usage, "there is no user \(text) on this machine")
        }
        return user.uid
    }
}

/// Which journal is read, and whose records are in it.
struct JournalPlaceOptions: ParsableArguments {
    @Option(
        name: [.customShort("D"), .long],
        help: ArgumentHelp("Read the journal in that directory instead of this machine's.", valueName: "path")
    )
    var directory: String?

    @Option(
        help: ArgumentHelp(
            "Read that journal file instead of this machine's journal; may be repeated.",
            valueName: "path"
        )
    )
    var file: [String] = []

    @Option(help: ArgumentHelp("The unit that the agent runs as.", valueName: "unit"))
    var agentUnit = AuditQuery().agentUnit

    func validate() throws {
        if directory != nil, !file.isEmpty { throw ValidationError("give either --directory or --file") }
    }

    /// The journal.
    var source: JournalReader.Source {
        directory.map { .directory($0) } ?? (file.isEmpty ? .machine : .files(file))
    }
}

/// The value of `--since` and `--until`.
struct PointInTime: ExpressibleByArgument {
    let time: WallTime

    init?(argument: String) {
        guard let time = WallTime(argument, now: .now()) else { return nil }
        self.time = time
    }
}

/// The value of `--target-identifier`.
struct TargetIdentifier: ExpressibleByArgument {
    let kind: IdentifierKind
    let identifier: Identifier

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        kind = IdentifierKind(String(parts[0]))
        identifier = Identifier(String(parts[1]))
    }
}

/// The value of `--verdict`. Words that no record can have are refused: a mistyped one would find nothing.
struct AuditWord: ExpressibleByArgument {
    static let allValueStrings =
        Verdict.known.map(\.name) + ["ok", "error"] + ErrorKind.table.map(\.kind.name)

    let text: String

    init?(argument: String) {
        guard Self.allValueStrings.contains(argument) else { return nil }
        text = argument
    }
}

extension AuditTarget: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}
