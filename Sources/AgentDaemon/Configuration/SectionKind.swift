/// The kinds of section, each with its keys.
package enum SectionKind: String, Sendable, CaseIterable {
    /// `[Daemon]`: sockets, limits, logging and audit.
    case daemon = "Daemon"
    /// `[Client NAME]`: a Mosaic client.
    case client = "Client"
    /// `[Access NAME]`: an access rule.
    case access = "Access"

    /// How names of clients and rules are written.
    package static let nameSyntax = "1 to 32 characters of a-z, 0-9, _ and -"

    /// Whether the header has a name, and each name a section of its own.
    package var isNamed: Bool { self != .daemon }

    /// The header as it is written.
    package var header: String { isNamed ? "[\(rawValue) NAME]" : "[\(rawValue)]" }

    /// What the section is for, in whole sentences.
    package var documentation: String {
        switch self {
        case .daemon:
            "Settings of the agent as a whole. The section may be left out; every key has a default."
        case .client:
            "A Mosaic client that the agent acts as: where it is reached and how it proves itself. NAME is what access rules "
                + "and meta.client call it: \(Self.nameSyntax). A call that names no client uses the only client of its rule, "
                + "else the one called default. At least one client is needed."
        case .access:
            "An access rule: which local callers may call what, as which client, about which users. Rules are tried in file "
                + "order, those of the main file first; the first that matches the caller and allows the method, its fields, "
                + "the client and the target decides. Without such a rule the call is forbidden, for root as well. NAME "
                + "appears in the journal: \(Self.nameSyntax)."
        }
    }

    /// The keys, in the order of the manual.
    package var keys: [KeyDescription] {
        switch self {
        case .daemon: DaemonKeys.all
        case .client: ClientKeys.all
        case .access: AccessKeys.all
        }
    }

    /// Whether the text can name a client or a rule.
    static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
