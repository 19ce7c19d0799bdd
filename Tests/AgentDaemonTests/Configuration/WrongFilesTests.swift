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

@Suite struct `Wrong configuration files` {
    static let syntax: [WrongFile] = [
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

    static let daemon: [WrongFile] = [
        .daemon(
            "Sokcet=/run/x",
            key: "Sokcet",
            what: "not a key of this section",
            allowed: "Socket ControlSocket LogLevel"
        ),
        .daemon("Region=eu", key: "Region", what: "belongs in [Client NAME]", allowed: "Socket"),
        .daemon("Socket=run/x", key: "Socket", what: "\"run/x\" is not an absolute path", allowed: "an absolute path"),
        .daemon("Socket=/run/../x", key: "Socket", what: "..", allowed: "without . and .."),
        .daemon(
            "ControlSocket=/" + String(repeating: "x", count: 107),
            key: "ControlSocket",
            what: "108 bytes",
            allowed: "at most 107 bytes"
        ),
        .daemon(
            "ControlSocket=/run/mosaicd/mosaicd.sock",
            key: "ControlSocket",
            what: "same path as Socket=",
            allowed: "two different paths"
        ),
        .daemon("LogLevel=verbose", key: "LogLevel", what: "\"verbose\"", allowed: "trace, debug, info, notice"),
        .daemon("MaximumLineBytes=1K", key: "MaximumLineBytes", what: "out of range", allowed: "65536 to 1048576"),
        .daemon(
            "MaximumLineBytes=64KB",
            key: "MaximumLineBytes",
            what: "not a number of bytes",
            allowed: "suffix K or M"
        ),
        .daemon(
            "MaximumConnections=+100",
            key: "MaximumConnections",
            what: "not a whole number",
            allowed: "16 to 65536"
        ),
        .daemon(
            "MaximumConnectionsPerUser=5000",
            key: "MaximumConnectionsPerUser",
            what: "more than MaximumConnections=",
            allowed: "at most MaximumConnections="
        ),
        .daemon("MaximumCallsInFlight=0", key: "MaximumCallsInFlight", what: "out of range", allowed: "32 to 1048576"),
        .daemon(
            "LineTimeout=5 fortnights",
            key: "LineTimeout",
            what: "not a time span",
            allowed: "from 100ms to 1min, such as 5s"
        ),
        .daemon("FirstLineTimeout=1h", key: "FirstLineTimeout", what: "out of range", allowed: "100ms to 10min"),
        .daemon("ReleaseGrid=400 ms 10", key: "ReleaseGrid", what: "out of range", allowed: "from 0 to 5s"),
        .daemon("ReleaseGrid=-1s", key: "ReleaseGrid", what: "not a time span", allowed: "such as 400ms"),
        .daemon(
            "ReleaseJitter=1s",
            key: "ReleaseJitter",
            what: "more than ReleaseGrid=",
            allowed: "at most ReleaseGrid="
        ),
        .daemon("AuditWhenFull=block", key: "AuditWhenFull", what: "\"block\"", allowed: "refuse, drop"),
        .daemon("AuditQueueSize=many", key: "AuditQueueSize", what: "not a whole number", allowed: "64 to 1048576"),
        .daemon("AuditTargets=yes", key: "AuditTargets", what: "\"yes\"", allowed: "hashed, plain"),
    ]

    static let client: [WrongFile] = [
        .client("", line: 1, key: "Region", what: "must be set, or BaseURL=", allowed: "sandbox, us, eu, ca, au"),
        .client("Region=jp", key: "Region", what: "\"jp\"", allowed: "sandbox, us, eu, ca, au"),
        .client(
            "Region=eu\nBaseURL=https://a.example/cis",
            key: "Region",
            what: "beside BaseURL=",
            allowed: "one of the two"
        ),
        .client("BaseURL=ftp://a.example/cis", key: "BaseURL", what: "https://", allowed: "an https URL"),
        .client("BaseURL=https://a.example", key: "BaseURL", what: "/cis", allowed: "https://login.example.com/cis"),
        .client("BaseURL=http://127.0.0.1:80/cis", key: "BaseURL", what: "plain http", allowed: "InsecureHTTP=yes"),
        .client(
            "BaseURL=http://10.0.0.1/cis\nInsecureHTTP=yes",
            key: "BaseURL",
            what: "plain http",
            allowed: "an https URL"
        ),
        .client(
            "Region=eu\nTokenURL=https://u:p@a.example/x",
            line: 4,
            key: "TokenURL",
            what: "user name",
            allowed: "user name"
        ),
        .client("Region=eu\nJWKSURL=https://a.example/x?y", line: 4, key: "JWKSURL", what: "query", allowed: "query"),
        .client("Region=eu\nIssuer=someone", line: 4, key: "Issuer", what: "not an issuer", allowed: "an https URL"),
        .client(
            "Region=eu\nAuthentication=private_key_jwt",
            line: 4,
            key: "Authentication",
            what: "private_key_jwt is not supported",
            allowed: "client_secret_post, client_secret_basic"
        ),
        .client(
            "Region=eu\nAuthentication=tls_client_auth",
            line: 4,
            key: "Authentication",
            what: "tls_client_auth is not supported",
            allowed: "client_secret_post, client_secret_basic"
        ),
        .client(
            "Region=eu\nClientSecretFile=s",
            line: 4,
            key: "ClientSecretFile",
            what: "not an absolute path",
            allowed: "secret"
        ),
        .client(
            "Region=eu\nClientSecret=hunter2",
            line: 4,
            key: "ClientSecret",
            what: "secret has no place in this file",
            allowed: "ClientSecretFile=/path/to/file in [Client NAME], or the service credential NAME.secret"
        ),
        .client("Region=eu\nProxy=socks5://a:1", line: 4, key: "Proxy", what: "http://", allowed: "http://HOST:PORT"),
        .client(
            "Region=eu\nProxy=http://a.example",
            line: 4,
            key: "Proxy",
            what: "no port",
            allowed: "http://HOST:PORT"
        ),
        .client(
            "Region=eu\nInsecureHTTP=maybe",
            line: 4,
            key: "InsecureHTTP",
            what: "not a boolean",
            allowed: "yes or no"
        ),
        .client("Region=eu\nCAFile=ca.pem", line: 4, key: "CAFile", what: "\"ca.pem\"", allowed: "an absolute path"),
        WrongFile(
            "no ClientID",
            "[Client default]\nRegion=eu\n[Access a]\nMatch=any\nClients=default\nAllow=login\n",
            line: 1,
            section: "Client default",
            key: "ClientID",
            what: "must be set",
            allowed: "printable ASCII"
        ),
        WrongFile(
            "no client",
            "[Access a]\n",
            line: nil,
            what: "has no client",
            allowed: "[Client NAME]"
        ),
    ]

    static let access: [WrongFile] = [
        .access("Clients=default\nAllow=login", line: 4, key: "Match", what: "must be set", allowed: "any alone"),
        .access("Match=uid:1\nAllow=login", line: 4, key: "Clients", what: "must be set", allowed: "[Client NAME]"),
        .access("Match=uid:1\nClients=default", line: 4, key: "Allow", what: "must be set", allowed: "rights"),
        .access(
            "Match=\nClients=default\nAllow=login",
            line: 4,
            key: "Match",
            what: "must be set",
            allowed: "any alone"
        ),
        .access("Match=33\nClients=default\nAllow=login", key: "Match", what: "\"33\"", allowed: "uid:NUMBER"),
        .access("Match=uid:-1\nClients=default\nAllow=login", key: "Match", what: "no number", allowed: "uid:NUMBER"),
        .access("Match=uid:4294967295\nClients=default\nAllow=login", key: "Match", what: "no number", allowed: "uid:"),
        .access("Match=user:\nClients=default\nAllow=login", key: "Match", what: "no name", allowed: "user:NAME"),
        .access(
            "Match=user:bob\nClients=default\nAllow=login",
            key: "Match",
            what: "\"bob\"",
            allowed: "a user of this host"
        ),
        .access(
            "Match=group:nil\nClients=default\nAllow=login",
            key: "Match",
            what: "\"nil\"",
            allowed: "a group of this"
        ),
        .access(
            "Match=user:broken\nClients=default\nAllow=login",
            key: "Match",
            what: "cannot be looked up",
            allowed: "number"
        ),
        .access(
            "Match=unit:web.service\nClients=default\nAllow=login",
            key: "Match",
            what: "not supported by this version",
            allowed: "uid:NUMBER, user:NAME, gid:NUMBER, group:NAME"
        ),
        .access(
            "Match=user_unit:web.service\nClients=default\nAllow=login",
            key: "Match",
            what: "not supported",
            allowed: "any alone"
        ),
        .access(
            "Match=any uid:1\nClients=default\nAllow=login",
            key: "Match",
            what: "beside any",
            allowed: "any alone"
        ),
        .access(
            "Match=uid:1 uid:2\nClients=default\nAllow=login",
            key: "Match",
            what: "more than one user",
            allowed: "all hold"
        ),
        .access(
            "Match=uid:1\nClients=other\nAllow=login",
            line: 6,
            key: "Clients",
            what: "\"other\"",
            allowed: "default"
        ),
        .access(
            "Match=uid:1\nClients=a,b\nAllow=login",
            line: 6,
            key: "Clients",
            what: "\"a,b\"",
            allowed: "separated by spaces"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login,session",
            line: 7,
            key: "Allow",
            what: "\"login,session\"",
            allowed: "* login session token users session-admin otp-direct password.authenticate"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login login",
            line: 7,
            key: "Allow",
            what: "twice",
            allowed: "each once"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=\"login",
            line: 7,
            key: "Allow",
            what: "not closed",
            allowed: "separated"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=system.ping",
            line: 7,
            key: "Allow",
            what: "nothing that a rule",
            allowed: "*"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nUsers=mail",
            line: 8,
            key: "Users",
            what: "\"mail\"",
            allowed: "username email phone_number"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nUsers=email:",
            line: 8,
            key: "Users",
            what: "no pattern",
            allowed: "KIND:PATTERN"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nDetails=si",
            line: 8,
            key: "Details",
            what: "\"si\"",
            allowed: "yes"
        ),
    ]

    @Test(arguments: syntax + daemon + client + access)
    func `give one error with file, line, key and what is allowed`(_ wrong: WrongFile) throws {
        let errors = build(wrong.text).problems.filter { $0.severity == .error }
        try #require(errors.count == (wrong.name == "no client" ? 4 : 1), "\(errors)")
        let error = errors[0]
        #expect(error.file == "a.conf")
        #expect(error.line == wrong.line)
        #expect(error.section == wrong.section)
        #expect(error.key == wrong.key)
        #expect(error.what.contains(wrong.what), "\(error)")
        #expect(error.allowed?.contains(wrong.allowed) == true, "\(error)")
    }

    @Test func `are over forty`() {
        #expect(Self.syntax.count + Self.daemon.count + Self.client.count + Self.access.count >= 40)
    }

    @Test func `print as file, line, section, key, problem and what is allowed`() throws {
        let error = try #require(build("[Daemon]\nLogLevel=x\n\(soundText)").problems.first)
        let levels = "trace, debug, info, notice, warning, error, critical"
        #expect("\(error)" == "a.conf:2: [Daemon] LogLevel=: \"x\" is not a choice; allowed: \(levels)")
    }

    @Test func `never show a value that may be a secret`() {
        let secret = "c2VjcmV0LXZhbHVl"
        let lines = [
            "ClientSecret=\(secret)", "ClientSecretFile=\(secret)", "Sercet=\(secret)", secret, "\(secret)=",
            "[\(secret)",
            "Proxy=http://u:\(secret)@h:1", "BaseURL=https://u:\(secret)@h/cis", "TokenURL=\(secret)",
            "Issuer=\(secret)",
            "Authentication=\(secret)", "ClientPassword=\(secret)", "ClientID=\(secret) \(secret)", "Region \(secret)",
        ]
        for line in lines {
            let problems = build("[Client default]\nRegion=eu\n\(line)\n").problems
            #expect(problems.contains { $0.line == 3 }, "\(line)")
            #expect(!problems.map(\.description).joined().contains(secret), "\(problems)")
        }
    }

    @Test func `cannot make a terminal do anything`() throws {
        let error = try #require(build("[Daemon]\nLogLevel=\u{9B}\u{202E}x\n\(soundText)").problems.first)
        #expect(error.what == "\"\\u{9b}\\u{202e}x\" is not a choice")
    }

    @Test func `have all their errors reported at once, sorted by file and line`() {
        let errors = build(
            "[Access a]\nMatch=x\n[Daemon]\nLogLevel=x\nSocket=y\n",
            "Oops\n[Client c]\nRegion=zz\n",
            "[Daemon]\nLogLevel=z\n"
        ).problems.filter { $0.severity == .error }
        let places = errors.map { "\($0.file):\($0.line ?? 0):\($0.key ?? "")" }
        #expect(
            places == [
                "a.conf:1:Allow", "a.conf:1:Clients", "a.conf:2:Match", "a.conf:4:LogLevel", "a.conf:5:Socket",
                "b.conf:1:",
                "b.conf:2:ClientID", "b.conf:3:Region", "c.conf:2:LogLevel",
            ]
        )
        #expect(ConfigurationError(problems: errors.shuffled()).problems == errors)
    }
}
