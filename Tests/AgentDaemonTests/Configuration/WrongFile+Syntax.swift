extension WrongFile {
    /// Files that break the syntax or have the wrong sections.
    static let wrongSyntax: [WrongFile] = [
        WrongFile(
            "byte order mark",
            "\u{FEFF}\(soundText)",
            line: 1,
            what: "byte order mark",
            allowed: "UTF-8 without one"
        ),
        WrongFile("NUL", soundText + "\0", line: 9, what: "a NUL byte", allowed: "without control characters"),
        WrongFile("escape character", soundText + "# \u{1B}[0m", line: 9, what: "0x1b", allowed: "without control"),
        WrongFile("CRLF", soundText + "# x\r\n# y\r\n", line: 9, what: "carriage return", allowed: "line feed alone"),
        WrongFile(
            "no assignment",
            soundText + "Details yes",
            line: 9,
            section: "Access web",
            what: "neither",
            allowed: "Key=value"
        ),
        WrongFile(
            "no key",
            soundText + "= yes",
            line: 9,
            section: "Access web",
            what: "no proper key",
            allowed: "ASCII letters"
        ),
        WrongFile(
            "bad key",
            soundText + "Det-ails=yes",
            line: 9,
            section: "Access web",
            what: "no proper key",
            allowed: "ASCII letters"
        ),
        WrongFile(
            "before a section",
            "LogLevel=info\n" + soundText,
            line: 1,
            key: "LogLevel",
            what: "before the first section",
            allowed: "inside a section"
        ),
        WrongFile(
            "open header",
            soundText + "[Access x",
            line: 9,
            what: "not a section header",
            allowed: "[Kind name]"
        ),
        WrongFile(
            "text behind header",
            soundText + "[Access x] # x",
            line: 9,
            what: "not a section",
            allowed: "alone"
        ),
        WrongFile("empty header", soundText + "[ ]", line: 9, what: "empty section header", allowed: "[Kind]"),
        WrongFile(
            "long header",
            soundText + "[Access a b]",
            line: 9,
            what: "more than two words",
            allowed: "[Kind name]"
        ),
        WrongFile(
            "repeated section",
            soundText + "[Access web]",
            line: 9,
            section: "Access web",
            what: "begun in line 5",
            allowed: "once per file"
        ),
        WrongFile(
            "repeated key",
            soundText + "Allow=session",
            line: 9,
            section: "Access web",
            key: "Allow",
            what: "already set in line 8",
            allowed: "once per section"
        ),
        WrongFile(
            "reset twice",
            soundText + "Users=\nUsers=",
            line: 10,
            section: "Access web",
            key: "Users",
            what: "already set in line 9",
            allowed: "once per section"
        ),
        WrongFile(
            "continued at the end",
            soundText + "Users=email \\",
            line: 9,
            what: "past the end",
            allowed: "no backslash"
        ),
        WrongFile(
            "blank behind backslash",
            soundText + "# ok\nUsers=email \\ \n",
            line: 10,
            what: "white space behind the backslash",
            allowed: "last character"
        ),
        WrongFile(
            "unknown section",
            soundText + "[Server]",
            line: 9,
            section: "Server",
            what: "not a section",
            allowed: "[Daemon] [Client NAME] [Access NAME]"
        ),
        WrongFile(
            "section without name",
            "[Client]\nRegion=eu\nClientID=x\n" + soundText,
            line: 1,
            section: "Client",
            what: "no name",
            allowed: "[Client NAME]"
        ),
        WrongFile(
            "named daemon",
            "[Daemon main]\n" + soundText,
            line: 1,
            section: "Daemon main",
            what: "takes none",
            allowed: "[Daemon]"
        ),
        WrongFile(
            "bad name",
            "[Access Web]\nMatch=uid:1\nClients=default\nAllow=login\n" + soundText,
            line: 1,
            section: "Access Web",
            what: "bad name",
            allowed: "a-z, 0-9, _ and -"
        ),
    ]
}
