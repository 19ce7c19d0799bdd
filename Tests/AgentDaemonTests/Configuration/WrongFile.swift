import Testing

@testable import AgentDaemon

/// A wrong file, and the one error it must give: where, and what is allowed.
struct WrongFile: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let line: Int?
    let section: String?
    let key: String?
    /// A part of what is wrong.
    let what: String
    /// A part of what is allowed.
    let allowed: String

    var testDescription: String { name }

    init(
        _ name: String,
        _ text: String,
        line: Int?,
        section: String? = nil,
        key: String? = nil,
        what: String,
        allowed: String
    ) {
        self.name = name
        self.text = text
        self.line = line
        self.section = section
        self.key = key
        self.what = what
        self.allowed = allowed
    }

    /// A sound file with one more or one other line in `[Daemon]`, which is then line 2.
    static func daemon(_ line: String, key: String?, what: String, allowed: String) -> Self {
        Self(
            line,
            "[Daemon]\n\(line)\n\(soundText)",
            line: 2,
            section: "Daemon",
            key: key,
            what: what,
            allowed: allowed
        )
    }

    /// A sound file whose client has the given lines beside its ClientID; the first of them is line 3.
    static func client(_ lines: String, line: Int = 3, key: String?, what: String, allowed: String) -> Self {
        Self(
            lines,
            "[Client default]\nClientID=abc\n\(lines)\n[Access web]\nMatch=uid:33\nClients=default\nAllow=login\n",
            line: line,
            section: "Client default",
            key: key,
            what: what,
            allowed: allowed
        )
    }

    /// A sound file whose rule has the given lines; the first of them is line 5.
    static func access(_ lines: String, line: Int = 5, key: String?, what: String, allowed: String) -> Self {
        Self(
            lines,
            "[Client default]\nRegion=eu\nClientID=abc\n[Access web]\n\(lines)\n",
            line: line,
            section: "Access web",
            key: key,
            what: what,
            allowed: allowed
        )
    }
}
