import AgentProtocol
import Systemd

/// Which records of the audit trail are wanted.
///
/// Values of one kind are alternatives; a record has to satisfy all kinds that have any.
struct AuditQuery {
    /// The unit whose entries count.
    var agentUnit = "mosaicd.service"
    var callers: [UInt32] = []
    var units: [String] = []
    var methods: [String] = []
    /// Verdicts and kinds of errors.
    var verdicts: [String] = []
    var clients: [String] = []
    var rules: [String] = []
    var callIDs: [String] = []
    var traceIDs: [String] = []
    var targets: [AuditTarget] = []
    /// The boot, in 32 digits.
    var boot: String?
    /// No earlier ones.
    var since: WallTime?
    /// No later ones.
    var until: WallTime?

    /// The part of it that the journal's index can answer.
    var filter: JournalFilter {
        var filter = JournalFilter()
        filter.require([JournalFilter.Match(AuditTrailRecord.unitField, agentUnit)])
        filter.require(AuditEvent.allCases.map { JournalFilter.Match("MESSAGE_ID", $0.messageID) })
        filter.require(boot.map { [JournalFilter.Match("_BOOT_ID", $0)] } ?? [])
        func require(_ field: AuditField, _ values: [String]) {
            filter.require(values.map { JournalFilter.Match(field.rawValue, $0) })
        }
        require(.callerUID, callers.map { String($0) })
        require(.callerUnit, units)
        require(.method, methods)
        filter.require(
            verdicts.flatMap { word in
                [AuditField.verdict, .error].map { JournalFilter.Match($0.rawValue, word) }
            }
        )
        require(.client, clients)
        require(.rule, rules)
        require(.callID, callIDs)
        require(.traceID, traceIDs)
        let wholeTargets = targets.compactMap { if case .whole(let text) = $0 { text } else { nil } }
        // The index has no beginnings; one of them among the alternatives leaves all of them to `record(_:)`.
        if wholeTargets.count == targets.count { require(.target, wholeTargets) }
        return filter
    }

    /// The record that an entry which the filter has let through is, if it is wanted. Times are not looked at.
    func record(_ entry: JournalEntry) -> AuditTrailRecord? {
        guard let record = AuditTrailRecord(entry, agentUnit: agentUnit) else { return nil }
        guard !targets.isEmpty else { return record }
        return targets.contains { $0.isTarget(record[.target]) } ? record : nil
    }

    /// The name of a unit, with the suffix of services where it has none, as systemctl(1) completes it.
    static func unit(named name: String) -> String {
        name.contains(".") ? name : name + ".service"
    }
}

/// A user as audit records name them: 32 hexadecimal digits of a keyed hash, or `KIND:IDENTIFIER` where the agent's
/// configuration wants it plain.
enum AuditTarget: Hashable {
    /// As it is in the record.
    case whole(String)
    /// The beginning of a hash.
    case beginning(String)

    /// How many digits of a hash are shown.
    static let shownDigits = 12
    private static let digits = 32

    /// nil for too few digits: they would be those of many users.
    init?(_ text: String) {
        guard Self.isHexadecimal(text) else {
            guard text.contains(":") else { return nil }
            self = .whole(text)
            return
        }
        switch text.utf8.count {
        case Self.digits: self = .whole(text.lowercased())
        case 8..<Self.digits: self = .beginning(text.lowercased())
        default: return nil
        }
    }

    /// Whether it is the target of a record.
    func isTarget(_ target: String?) -> Bool {
        switch self {
        case .whole(let text): target == text
        case .beginning(let text): target.map { Self.isHexadecimal($0) && $0.hasPrefix(text) } ?? false
        }
    }

    /// Enough of it for a line.
    static func short(_ target: String) -> String {
        target.utf8.count == digits && isHexadecimal(target) ? String(target.prefix(shownDigits)) : target
    }

    private static func isHexadecimal(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
    }
}
