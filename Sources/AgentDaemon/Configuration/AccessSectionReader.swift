import AgentProtocol
import ConfigurationFiles

/// Reads an `[Access NAME]` section: what its words mean depends on the clients, the methods and the host's users.
struct AccessSectionReader {
    private var reader: SectionReader
    private let clients: [String]
    private let catalogue: RightsCatalogue
    private let names: any NameResolver

    init(_ section: MergedSection, clients: [String], catalogue: RightsCatalogue, names: any NameResolver) {
        self.reader = SectionReader(section)
        self.clients = clients
        self.catalogue = catalogue
        self.names = names
    }

    var problems: [ConfigurationProblem] { reader.problems }

    /// The rule; nil if something is missing or wrong, which is then among the problems.
    mutating func read() -> AccessRule? {
        let conditions = readConditions()
        let clients = readClients()
        let grants = readGrants()
        let users = readUsers()
        guard let conditions, let clients, let grants, let users else { return nil }
        let rule = AccessRule(
            name: reader.section.name,
            conditions: conditions,
            clients: clients,
            grants: grants,
            users: users,
            details: reader.value(AccessKeys.details),
            trustsClientIP: reader.value(AccessKeys.trustClientIP)
        )
        warn(about: rule)
        return rule
    }

    private mutating func readConditions() -> [AccessRule.Condition]? {
        let setting = reader.required(AccessKeys.match)
        guard let words = setting.value else { return nil }
        let conditions = words.compactMap { condition(for: $0, at: setting.place) }
        return conditions.count == words.count ? conditions : nil
    }

    private mutating func condition(for word: MatchWord, at place: Place?) -> AccessRule.Condition? {
        switch word {
        case .any: return .any
        case .uid(let number): return .uid(number)
        case .gid(let number): return .gid(number)
        case .unit(let pattern): return .unit(pattern)
        case .userUnit(let pattern): return .userUnit(pattern)
        case .user(let name):
            return number(of: "user", name, at: place) { resolver throws(NameLookUpError) in
                try resolver.uid(ofUser: name)
            }.map { .uid($0) }
        case .group(let name):
            return number(of: "group", name, at: place) { resolver throws(NameLookUpError) in
                try resolver.gid(ofGroup: name)
            }.map { .gid($0) }
        }
    }

    private mutating func number(
        of what: String,
        _ name: String,
        at place: Place?,
        lookUp: (any NameResolver) throws(NameLookUpError) -> UInt32?
    ) -> UInt32? {
        do {
            if let number = try lookUp(names) { return number }
            reader.report(
                AccessKeys.match.name,
                at: place,
                "names the \(what) \"\(name.printable)\", which this host does not have",
                allowed: "a \(what) of this host, or its number"
            )
        } catch {
            reader.report(
                AccessKeys.match.name,
                at: place,
                "names the \(what) \"\(name.printable)\", which cannot be looked up now (error \(error.number))",
                allowed: "a \(what) of this host, or its number"
            )
        }
        return nil
    }

    private mutating func readClients() -> [String]? {
        let setting = reader.required(AccessKeys.clients)
        guard let words = setting.value else { return nil }
        let unknown = words.filter { !clients.contains($0) }
        for word in unknown {
            reader.report(
                AccessKeys.clients.name,
                at: setting.place,
                "\"\(word)\" is not a configured client",
                allowed: clients.isEmpty ? "no client is configured" : clients.joined(separator: " ")
            )
        }
        return unknown.isEmpty ? words : nil
    }

    private mutating func readGrants() -> AccessGrants? {
        let setting = reader.required(AccessKeys.allow)
        guard let words = setting.value else { return nil }
        let known = catalogue.words
        let unknown = words.filter { !known.contains($0) }
        for word in unknown {
            reader.report(
                AccessKeys.allow.name,
                at: setting.place,
                "\"\(word.printable)\" is nothing that a rule can allow",
                allowed: known.joined(separator: " ") + ", separated by spaces"
            )
        }
        return unknown.isEmpty ? AccessGrants(words, in: catalogue) : nil
    }

    private mutating func readUsers() -> [TargetPattern]? {
        let setting = reader.setting(AccessKeys.users)
        guard setting.isSet else { return [] }
        guard let patterns = setting.value else { return nil }
        let unknown = patterns.filter { !catalogue.targetKinds.contains($0.kind) }
        for pattern in unknown {
            reader.report(
                AccessKeys.users.name,
                at: setting.place,
                "\"\(pattern.kind.name.printable)\" is not a kind of identifier",
                allowed: catalogue.targetKinds.map(\.name).joined(separator: " ") + ", alone or with :PATTERN"
            )
        }
        return unknown.isEmpty ? patterns : nil
    }

    private mutating func warn(about rule: AccessRule) {
        for warning in AccessWarnings.warnings(about: rule, in: catalogue) {
            let key = warning.key.name
            reader.report(key, at: reader.place(ofKey: key), warning.text, severity: .warning)
        }
    }
}
