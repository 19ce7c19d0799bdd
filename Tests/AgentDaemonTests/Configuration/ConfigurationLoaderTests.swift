import AgentProtocol
import ConfigurationFiles
import Glibc
import Linux
import Logging
import MosaicAPI
import Secrets
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct `Loading the configuration` {
    private let scratch: ScratchDirectory
    private static let certificate =
        "-----BEGIN CERTIFICATE-----\nMIIB\(String(repeating: "A", count: 76))\n-----END CERTIFICATE-----\n"

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func loader(_ variables: [String: String] = [:]) -> ConfigurationLoader {
        ConfigurationLoader(
            path: scratch["mosaicd.conf"],
            environment: Environment(variables),
            names: SampleNames(),
            catalogue: .sample
        )
    }

    private func writeSound(_ client: String = "", dropIns: [String: String] = [:]) throws {
        try scratch.write("mosaicd.conf", soundText.replacing("ClientID=abc", with: "ClientID=abc\n\(client)"))
        if dropIns.isEmpty { return }
        try scratch.makeDirectory("mosaicd.conf.d")
        for (name, text) in dropIns { try scratch.write("mosaicd.conf.d/\(name)", text) }
    }

    @Test func `reads main file, drop-ins, secret and authorities`() throws {
        let secret = try scratch.write("secret", "s3cret\n")
        let authorities = try scratch.write("ca.pem", Self.certificate, mode: 0o644)
        try writeSound(
            "ClientSecretFile=\(secret)\nCAFile=\(authorities)\nProxy=http://proxy:3128",
            dropIns: [
                "20-b.conf": "[Daemon]\nLogLevel=trace", "10-a.conf": "[Daemon]\nLogLevel=error\nMaximumConnections=99",
                "README": "not read", ".hidden.conf": "not read", "30-c.conf.dpkg-old": "not read",
            ]
        )
        let loaded = try loader().load()
        #expect(loaded.configuration.daemon.logLevel == .trace)
        #expect(loaded.configuration.daemon.maximumConnections == 99)
        let directory = scratch["mosaicd.conf.d"]
        #expect(loaded.files == [scratch["mosaicd.conf"], "\(directory)/10-a.conf", "\(directory)/20-b.conf"])
        #expect(loaded.warnings.isEmpty && loaded.policy.rules.map(\.name) == ["web"])
        let client = try #require(loaded.clients.first)
        #expect(client.authentication == .clientSecretPost(Secret(copying: "s3cret".utf8)))
        #expect(client.transport.trustRoots == .pem(Array(Self.certificate.utf8)))
        #expect(client.transport.proxy == TransportConfiguration.Proxy(host: "proxy", port: 3_128))
    }

    @Test(arguments: [
        ("s3cret\r\n", "ends in a carriage return"), ("\u{FEFF}s3cret", "begins with a byte order mark"),
        ("s\u{0}3\u{0}c\u{0}r\u{0}", "is UTF-16 text"), ("s3cret\u{0}", "has a NUL byte in it"),
        ("s3cret \n", "ends in a space or a tab"), (" s3cret", "begins with a space or a tab"),
        ("s3cret\n\n", "has more than one line"), ("s3\u{7}cret", "has a control character in it"),
        ("s3crét", "is not ASCII"),
    ])
    func `says what is wrong with the text of a secret, wherever it comes from`(text: String, what: String) throws {
        try scratch.makeDirectory("credentials")
        try scratch.write("credentials/default.secret", text)
        let file = try scratch.write("secret", text)
        for method in ["client_secret_post", "client_secret_basic"] {
            for (source, name) in [("ClientSecretFile=\(file)", file), ("", "the service credential default.secret")] {
                try writeSound("Authentication=\(method)\n\(source)")
                let loader = loader(["CREDENTIALS_DIRECTORY": scratch["credentials"]])
                let error = #expect(throws: ConfigurationError.self) { try loader.load() }
                let problem = try #require(error?.problems.first)
                #expect(problem.key == "ClientSecretFile" && problem.section == "Client default")
                #expect(problem.what.hasPrefix("the secret in \(name) ") && problem.what.contains(what), "\(problem)")
                #expect(problem.allowed?.hasPrefix("printable ASCII") == true)
                let check = loader.check()
                // The name of the directory is drawn, and may have two characters of the secret by chance.
                let output = check.output.replacing(scratch.path, with: "")
                #expect(check.exitCode == 78 && output.contains(what) && !output.contains("s3"))
            }
        }
    }

    @Test func `a drop-in that leads to /dev/null, or is empty, says nothing`() throws {
        let secret = try scratch.write("secret", "s3cret\n")
        try writeSound(
            "ClientSecretFile=\(secret)",
            dropIns: ["10-a.conf": "[Daemon]\nLogLevel=error", "30-empty.conf": "", "40-comment.conf": "# nothing\n"]
        )
        try scratch.link("mosaicd.conf.d/20-masked.conf", to: "/dev/null")
        try scratch.link("mosaicd.conf.d/21-masked.conf", to: "20-masked.conf")
        let loaded = try loader().load()
        #expect(loaded.configuration.daemon.logLevel == .error)
        #expect(!loaded.files.contains { $0.hasSuffix("masked.conf") })
        // Other devices are no convention, and a file that is not there is a mistake.
        for target in ["/dev/zero", "/nonexistent"] {
            try scratch.link("mosaicd.conf.d/50-odd.conf", to: target)
            #expect(throws: ConfigurationError.self) { try loader().load() }
            try scratch.removeFile("mosaicd.conf.d/50-odd.conf")
        }
    }

    @Test func `paths may be any bytes`() throws {
        let secret = try scratch.write("secret", "s3cret\n")
        try writeSound("ClientSecretFile=\(secret)", dropIns: ["10-a.conf": "[Daemon]\nLogLevel=error"])
        let directory = PathText.text(Array("\(scratch.path)/caf".utf8) + [0xE9])
        let sources = [("mosaicd.conf", ""), ("mosaicd.conf.d", "/x")]
        _ = PathText.withCString(directory) { unsafe mkdir($0, 0o700) }
        for (name, _) in sources {
            _ = PathText.withCString("\(directory)/\(name)") { unsafe symlink("\(scratch.path)/\(name)", $0) }
        }
        let loader = ConfigurationLoader(
            path: "\(directory)/mosaicd.conf",
            environment: Environment([:]),
            names: SampleNames(),
            catalogue: .sample
        )
        let loaded = try loader.load()
        #expect(loaded.configuration.daemon.logLevel == .error && loaded.files.count == 2)
        try scratch.write("mosaicd.conf", "nonsense")
        #expect(loader.check().output.contains(#"/caf\xe9/mosaicd.conf:1: "#), "\(loader.check().output)")
    }

    @Test func `warns of rules that go by units where these cannot be found out`() throws {
        func output(_ problem: CallerUnitProblem?) -> String {
            ConfigurationLoader(
                path: scratch["mosaicd.conf"],
                environment: Environment([:]),
                names: SampleNames(),
                catalogue: .sample,
                callerUnits: { problem }
            ).check().output
        }
        try writeSound()
        #expect(!output(.noBus).contains("unit:"))
        try writeSound(dropIns: ["a.conf": "[Access u]\nMatch=unit:web.service\nClients=default\nAllow=login"])
        #expect(output(.noBus).contains("warning: rules with unit: or user_unit: may admit no caller here"))
        #expect(output(.noBus).contains("dbus.socket"))
        #expect(output(.noBus).contains("sound: 1 client, 2 access rules, 2 files"))
        #expect(!output(nil).contains("warning: rules with unit:"))
    }

    @Test func `takes the secret from the service credential when no file is named`() throws {
        try writeSound("Authentication=client_secret_basic")
        try scratch.makeDirectory("credentials")
        try scratch.write("credentials/default.secret", "from-systemd")
        let loaded = try loader(["CREDENTIALS_DIRECTORY": scratch["credentials"]]).load()
        #expect(loaded.clients[0].authentication == .clientSecretBasic(Secret(copying: "from-systemd".utf8)))
    }

    @Test func `without any secret is refused, but only noted by the check`() throws {
        try writeSound()
        let error = #expect(throws: ConfigurationError.self) { try loader().load() }
        let problem = try #require(error?.problems.first)
        #expect(problem.line == 1 && problem.key == "ClientSecretFile" && problem.what.contains("given no credentials"))
        #expect(problem.allowed?.contains("LoadCredential=default.secret:/path") == true)
        let check = loader().check()
        #expect(check.exitCode == 0)
        #expect(check.output.hasSuffix("The configuration is sound: 1 client, 1 access rule, 1 file, 1 warning.\n"))
    }

    @Test(arguments: [
        ("missing", "there is no such file"), ("open", "its mode is 0644"), ("empty", "it is empty"),
        ("link", "it is a symbolic link"),
    ])
    func `says which secret file is wrong and why, and never what is in it`(_ name: String, _ what: String) throws {
        try scratch.write("open", "hunter2", mode: 0o644)
        try scratch.write("empty", "")
        try scratch.write("good", "hunter2")
        try scratch.link("link", to: "good")
        try writeSound("ClientSecretFile=\(scratch[name])")
        let check = loader().check()
        #expect(check.exitCode == 78)
        #expect(
            check.output.contains("mosaicd.conf:4: [Client default] ClientSecretFile=: the secret cannot be taken from")
        )
        #expect(check.output.contains(what) && check.output.contains("; allowed: a file of root"))
        #expect(!check.output.contains("hunter2"))
    }

    @Test func `says which file of authorities is wrong`() throws {
        let secret = try scratch.write("secret", "x")
        try writeSound("ClientSecretFile=\(secret)\nCAFile=\(scratch["ca.pem"])")
        #expect(loader().check().output.contains(":5: [Client default] CAFile=: \(scratch["ca.pem"]) does not exist"))
        try scratch.write("ca.pem", "nothing")
        #expect(loader().check().output.contains("holds no certificate in PEM form"))
        try scratch.write("ca.pem", Self.certificate, mode: 0o666)
        #expect(loader().check().output.contains("can be written by others"))
    }

    @Test func `lets the environment override exactly three settings`() throws {
        let secret = try scratch.write("secret", "x")
        try writeSound("ClientSecretFile=\(secret)")
        let daemon = try loader([
            "MOSAICD_LOG_LEVEL": "debug", "MOSAICD_SOCKET": "/tmp/a", "MOSAICD_CONTROL_SOCKET": "/tmp/b",
            "MOSAICD_RELEASE_GRID": "0", "MOSAICD_CLIENT_ID": "x",
        ]).load().configuration.daemon
        var expected = DaemonSettings.defaults
        expected.logLevel = .debug
        expected.logLevelSource = .environment
        expected.socket = "/tmp/a"
        expected.controlSocket = "/tmp/b"
        #expect(daemon == expected)
        #expect(try loader(["MOSAICD_SOCKET": ""]).load().configuration.daemon == DaemonSettings.defaults)
    }

    @Test(arguments: [
        ("MOSAICD_LOG_LEVEL", "LogLevel"), ("MOSAICD_SOCKET", "Socket"), ("MOSAICD_CONTROL_SOCKET", "ControlSocket"),
    ])
    func `checks what the environment says`(_ variable: String, _ key: String) throws {
        try writeSound()
        let output = loader([variable: "nonsense"]).check().output
        #expect(output.contains("$\(variable): [Daemon] \(key)=: \"nonsense\" is not a"))
    }

    @Test func `reports a missing main file alone`() {
        let check = loader().check()
        #expect(check.exitCode == 78)
        #expect(check.output.hasPrefix("\(scratch["mosaicd.conf"]): does not exist; allowed: a regular file of root"))
        #expect(check.output.hasSuffix("\nThe configuration is refused: 1 error.\n"))
    }

    @Test func `reports errors of all files at once, sorted`() throws {
        try writeSound("Bad=1", dropIns: ["a.conf": "[Daemon]\nLogLevel=x", "b.conf": "oops"])
        try scratch.setMode("mosaicd.conf.d/b.conf", 0o666)
        let lines = loader().check().output.split(separator: "\n").map { $0.dropFirst(scratch.path.utf8.count + 1) }
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("mosaicd.conf:1: warning: [Client default] ClientSecretFile=: is not set"))
        #expect(
            lines[1].hasPrefix("mosaicd.conf:4: [Client default] Bad=: is not a key of this section; allowed: Region")
        )
        #expect(lines[2].hasPrefix("mosaicd.conf.d/a.conf:2: [Daemon] LogLevel=: \"x\""))
        #expect(lines[3].hasPrefix("mosaicd.conf.d/b.conf: can be written by others"))
    }

    @Test func `refuses a drop-in directory that others can write to`() throws {
        let secret = try scratch.write("secret", "x")
        try writeSound("ClientSecretFile=\(secret)", dropIns: ["a.conf": ""])
        try scratch.setMode("mosaicd.conf.d", 0o777)
        let check = loader().check()
        #expect(check.exitCode == 78)
        #expect(check.output.hasPrefix("\(scratch["mosaicd.conf.d"]): can be written by others"))
    }

    @Test func `finds the host's own users and groups`() throws {
        let names = SystemNames()
        #expect(try names.uid(ofUser: "root") == 0)
        #expect(try names.gid(ofGroup: "root") == 0)
        #expect(try names.uid(ofUser: "no-such-user-here") == nil)
        #expect(try names.gid(ofGroup: "no-such-group-here") == nil)
    }
}
