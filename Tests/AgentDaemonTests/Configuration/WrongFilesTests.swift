import ConfigurationFiles
import Testing

@testable import AgentDaemon

@Suite struct `Wrong configuration files` {
    @Test(arguments: WrongFile.wrongSyntax + WrongFile.wrongDaemon + WrongFile.wrongClient + WrongFile.wrongAccess)
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
