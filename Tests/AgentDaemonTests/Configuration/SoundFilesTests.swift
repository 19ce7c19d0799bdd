import AgentProtocol
import ConfigurationFiles
import Logging
import MosaicAPI
import Testing

@testable import AgentDaemon

@Suite struct `Sound configuration files` {
    @Test func `give every default when they say nothing`() {
        let (configuration, problems) = build(soundText)
        #expect(problems.isEmpty)
        #expect(configuration.daemon == DaemonSettings.defaults)
        #expect(configuration.daemon.socket == "/run/mosaicd/mosaicd.sock")
        #expect(configuration.daemon.controlSocket == "/run/mosaicd/control.sock")
        #expect(configuration.daemon.credentialSocket == nil)
        #expect(configuration.daemon.logLevel == .info)
        #expect(configuration.daemon.maximumLineBytes == 65_536)
        #expect(configuration.daemon.releaseGrid == ResponseTimeQuantizer())
        #expect(configuration.daemon.lineTimeout == .seconds(5))
        #expect(configuration.daemon.firstLineTimeout == .seconds(30))
        #expect(configuration.daemon.unreadAnswersTimeout == .seconds(30))
        #expect(configuration.daemon.maximumConnections == 4_096)
        #expect(configuration.daemon.maximumConnectionsPerUser == 256)
        #expect(configuration.daemon.throttle == ThrottleLimits())
        #expect(ThrottleCapacity(records: configuration.daemon.throttleRecords) == ThrottleCapacity())
        #expect(configuration.daemon.auditWhenFull == .refuse)
        #expect(configuration.daemon.auditTargets == .hashed)
        let client = configuration.clients[0]
        #expect(client.endpoints == MosaicEndpoints(region: .eu))
        #expect(client.secretSource == .credential("default.secret"))
        #expect(client.authenticationMethod == .clientSecretPost)
        #expect(client.caFile == nil && client.proxy == nil)
    }

    @Test func `may set every key, with comments, blanks and continued lines`() throws {
        let (configuration, problems) = build(
            """
            # The agent itself
            ; both kinds of comment
            \t[Daemon]
              Socket = /srv/a.sock
            ControlSocket=/srv/b.sock
            CredentialSocket=/srv/c.sock
            LogLevel=debug
            MaximumLineBytes=128K
            MaximumConnections=100
            MaximumConnectionsPerUser=50
            MaximumCallsInFlight=200
            MaximumCallsInFlightPerUser=100
            FirstLineTimeout=1min
            LineTimeout=2s 500ms
            UnreadAnswersTimeout=10
            DrainTimeout=0
            ReleaseGrid=200ms
            ReleaseJitter=1ms
            AttemptBudget=3
            AttemptWindow=20min
            ThrottleRecords=5000
            SendInterval=0
            SendBudget=6
            SendWindow=2h
            CallerSendBudget=100
            AuditWhenFull=drop
            AuditQueueSize=200
            AuditTargets=plain
            [Client  one]
            BaseURL=https://login.example.com/cis/
            TokenURL=https://login.example.com/oidc/token
            JWKSURL=https://login.example.com/keys
            Issuer=https://login.example.com/Issuer/
            ClientID=c35ab2a.example
            ClientSecretFile=/etc/mosaicd/one.secret
            Authentication=client_secret_basic
            CAFile=/etc/ssl/ca.pem
            Proxy=http://proxy.example:3128
            InsecureHTTP=no
            [Client default]
            Region=us
            ClientID=x=y
            [Access web]
            Match=user:alice \\
            # a comment in between does not end the list
               group:web \\
               gid:7
            Clients=one default
            Allow=login token.refresh otp-direct
            Users=email:*@example.com "username:Jane Doe" phone_number
            Details=on
            TrustClientIP=yes
            """
        )
        #expect(problems.count { $0.severity == .error } == 0, "\(problems)")
        let daemon = configuration.daemon
        #expect(daemon.socket == "/srv/a.sock" && daemon.controlSocket == "/srv/b.sock")
        #expect(daemon.logLevel == .debug && daemon.maximumLineBytes == 131_072)
        #expect(daemon.maximumConnections == 100 && daemon.maximumConnectionsPerUser == 50)
        #expect(daemon.maximumCallsInFlight == 200 && daemon.maximumCallsInFlightPerUser == 100)
        #expect(daemon.firstLineTimeout == .seconds(60) && daemon.lineTimeout == .milliseconds(2_500))
        #expect(daemon.unreadAnswersTimeout == .seconds(10) && daemon.drainTimeout == .zero)
        #expect(daemon.releaseGrid == ResponseTimeQuantizer(step: .milliseconds(200), maximumJitter: .milliseconds(1)))
        let throttle = ThrottleLimits(
            attemptBudget: 3,
            attemptWindow: .seconds(1_200),
            sendInterval: .zero,
            sendBudget: 6,
            sendWindow: .seconds(7_200),
            callerSendBudget: 100
        )
        #expect(daemon.throttle == throttle && daemon.throttleRecords == 5_000)
        #expect(daemon.auditWhenFull == .drop && daemon.auditQueueSize == 200 && daemon.auditTargets == .plain)
        let client = configuration.clients[0]
        #expect(client.name == "one")
        #expect(client.endpoints.baseURL.description == "https://login.example.com/cis")
        #expect(client.endpoints.issuer == "https://login.example.com/Issuer/")
        #expect(client.secretSource == .file("/etc/mosaicd/one.secret"))
        #expect(client.authenticationMethod == .clientSecretBasic)
        #expect(client.proxy == TransportConfiguration.Proxy(host: "proxy.example", port: 3_128))
        #expect(configuration.clients[1].clientID == "x=y")
        let rule = try #require(configuration.access.first)
        #expect(rule.conditions == [.uid(1_000), .gid(33), .gid(7)])
        #expect(rule.clients == ["one", "default"] && rule.details && rule.trustsClientIP)
        #expect(rule.grants.methods == ["password.authenticate", "otp.send", "token.refresh"])
        #expect(rule.grants.rights == [.login, .otpDirect] && rule.grants.namedMethods == ["token.refresh"])
        #expect(
            rule.users == [
                TargetPattern(kind: .email, glob: "*@example.com"), TargetPattern(kind: .username, glob: "Jane Doe"),
                TargetPattern(kind: .phoneNumber),
            ]
        )
    }

    @Test func `may end without a line feed`() {
        let (configuration, problems) = build(String(soundText.dropLast()))
        #expect(problems.isEmpty && configuration.access.count == 1)
    }

    @Test func `with the emulator's issuer are told apart`() {
        let text = soundText.replacing(
            "Region=eu",
            with: "BaseURL=https://127.0.0.1:8443/cis\nIssuer=https://mosaic-sandbox.invalid"
        )
        let client = build(text).configuration.clients[0]
        #expect(client.endpoints.isEmulated)
        #expect(client.endpoints.tokenURL.description == "https://127.0.0.1:8443/oidc/token")
    }

    @Test func `keep the wildcard from takeover and field rights`() {
        let grants = build(soundText.replacing("Allow=login", with: "Allow=*")).configuration.access[0].grants
        #expect(grants.rights == [.login, .session, .token])
        #expect(!grants.methods.contains("user.get") && !grants.methods.contains("session.list"))
    }
}

@Suite struct `Drop-in files` {
    @Test func `set a key of an existing section anew, as a whole`() {
        let (configuration, problems) = build(
            soundText.replacing("Allow=login", with: "Allow=login session\nUsers=email username"),
            "[Access web]\nAllow=token\n[Daemon]\nLogLevel=debug",
            "[Daemon]\nLogLevel=trace"
        )
        #expect(problems.map(\.severity) == [.warning], "no call about tokens names a user: \(problems)")
        #expect(problems[0].what.contains("never allows token.refresh"), "\(problems)")
        #expect(configuration.access[0].grants.rights == [.token])
        #expect(configuration.access[0].users.count == 2)
        #expect(configuration.daemon.logLevel == .trace)
    }

    @Test func `reset a key with an empty assignment, also before setting it`() {
        let (configuration, problems) = build(
            soundText.replacing("Allow=login", with: "Allow=login\nUsers=email"),
            "[Access web]\nUsers=\nAllow=\nAllow=session\n[Daemon]\nLogLevel=\n"
        )
        #expect(problems.isEmpty, "\(problems)")
        #expect(configuration.access[0].users.isEmpty)
        #expect(configuration.access[0].grants.rights == [.session])
        #expect(configuration.daemon.logLevel == .info)
    }

    @Test func `add sections whose rules come after all earlier ones`() {
        let rule = "Match=any\nClients=more\nAllow=login"
        let (configuration, problems) = build(
            soundText,
            "[Client more]\nRegion=us\nClientID=x\n[Access zeta]\n\(rule)",
            "[Access alpha]\n\(rule)"
        )
        #expect(problems.isEmpty, "\(problems)")
        #expect(configuration.clients.map(\.name) == ["default", "more"])
        #expect(configuration.access.map(\.name) == ["web", "zeta", "alpha"])
    }

    @Test func `hide no error of what they override`() {
        let problems = build("[Daemon]\nLogLevel=x\n\(soundText)", "[Daemon]\nLogLevel=info").problems
        #expect(problems.map { "\($0.file):\($0.line ?? 0)" } == ["a.conf:2"])
    }

    @Test func `are named where their own value breaks a rule between keys`() {
        let problems = build(soundText, "[Client default]\nBaseURL=https://a.example/cis\n").problems
        #expect(problems.map { "\($0.file):\($0.line ?? 0) \($0.key ?? "")" } == ["a.conf:2 Region"])
        #expect(build(soundText, "[Client default]\nRegion=\nBaseURL=https://a.example/cis\n").problems.isEmpty)
    }
}

@Suite struct `Configuration warnings` {
    private func warnings(_ text: String) -> [String] {
        let problems = build(text).problems
        #expect(problems.allSatisfy { $0.severity == .warning }, "\(problems)")
        return problems.map(\.description)
    }

    @Test func `say what takeover and field rights amount to`() {
        #expect(
            warnings(soundText.replacing("Allow=login", with: "Allow=login users otp-direct")) == [
                "a.conf:8: warning: [Access web] Allow=: otp-direct: see codes",
                "a.conf:8: warning: [Access web] Allow=: users: change users",
            ]
        )
        #expect(
            warnings(soundText.replacing("Allow=login", with: "Allow=user.get")) == [
                "a.conf:8: warning: [Access web] Allow=: user.get, part of users: change users"
            ]
        )
    }

    @Test func `name a rule with both session and session-admin`() {
        let found = warnings(soundText.replacing("Allow=login", with: "Allow=session session-admin"))
        #expect(found.contains { $0.contains("session and session-admin in one rule") })
    }

    @Test func `name a rule that gives everybody dangerous rights or details`() {
        let text = soundText.replacing("uid:33", with: "any").replacing("Allow=login", with: "Allow=users\nDetails=yes")
        let found = warnings(text)
        #expect(found.contains { $0.contains(":8:") && $0.contains("users for any") })
        #expect(found.contains { $0.contains(":9:") && $0.contains("Details=: yes for any") })
    }

    @Test func `name addresses that everybody is believed`() {
        let trusting = soundText.replacing("Allow=login", with: "Allow=login\nTrustClientIP=yes")
        #expect(warnings(trusting).isEmpty)
        let found = warnings(trusting.replacing("uid:33", with: "any"))
        #expect(found.count == 1 && found[0].contains(":9:") && found[0].contains("TrustClientIP=: yes for any"))
    }

    @Test func `name a budget of attempts that Mosaic's lockout comes before`() {
        for (budget, count) in [(1, 0), (4, 0), (5, 1), (1_000, 1)] {
            let found = warnings(soundText + "[Daemon]\nAttemptBudget=\(budget)\n")
            #expect(found.count == count)
            #expect(found.allSatisfy { $0.contains("AttemptBudget=: is 5 or more: Mosaic locks") })
        }
    }

    @Test func `name insecure http, a grid that is off, and a configuration that allows nothing`() {
        let insecure = "BaseURL=http://127.0.0.1:8080/cis\nInsecureHTTP=yes"
        #expect(
            warnings(soundText.replacing("Region=eu", with: insecure)).first?.contains("InsecureHTTP=: is used") == true
        )
        #expect(warnings("[Daemon]\nReleaseGrid=0\n\(soundText)").first?.contains("ReleaseGrid=: is 0") == true)
        let bare = "[Client default]\nRegion=eu\nClientID=abc\n"
        #expect(
            warnings(bare) == ["a.conf: warning: has no [Access NAME] section: every call is forbidden"]
        )
    }
}
