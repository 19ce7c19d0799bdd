import AgentProtocol
import MosaicAPI
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct HealthModelTests {
    let start = ContinuousClock.now
    let model = HealthModel()
    let idleAudit = AuditCondition(waiting: 0, occupied: 0, capacity: 100, refusesWhenFull: true)

    func level(_ condition: ClientCondition, after: Duration) -> HealthStatus {
        model.judge(clients: [condition], audit: idleAudit, now: start + after).status
    }

    @Test func `health follows a token through failing refreshes to its end and back`() {
        var client = ClientCondition(name: "default", token: .awaited)
        #expect(level(client, after: .zero) == .degraded)
        client.token = .held(expiry: start + .seconds(3600))
        #expect(level(client, after: .seconds(1)) == .healthy)
        client.token = .refreshFailing(expiry: start + .seconds(3600), failure: "upstream_unavailable")
        #expect(level(client, after: .seconds(2700)) == .degraded)
        #expect(level(client, after: .seconds(3600)) == .unhealthy)
        client.token = .missing(failure: "upstream_unavailable")
        #expect(level(client, after: .seconds(3700)) == .unhealthy)
        client.token = .held(expiry: start + .seconds(7400))
        #expect(level(client, after: .seconds(3800)) == .healthy)
    }

    @Test func `a held token that has expired is not healthy, whatever nobody noticed`() {
        let client = ClientCondition(name: "default", token: .held(expiry: start + .seconds(10)))
        #expect(level(client, after: .seconds(9)) == .healthy)
        #expect(level(client, after: .seconds(10)) == .unhealthy)
    }

    @Test func `a refused credential is unhealthy and says what to do`() {
        let client = ClientCondition(name: "shop", token: .credentialRejected(failure: "invalid_client"))
        let report = model.judge(clients: [client], audit: idleAudit, now: start)
        #expect(report.status == .unhealthy)
        #expect(report.problems.map(\.name) == ["client.shop.token"])
        #expect(report.problems.first?.message.contains("[Client shop]") == true)
        #expect(report.problems.first?.message.contains("ClientID=") == true)
    }

    @Test(arguments: [
        (ClientSettings.AuthenticationMethod.clientSecretBasic, "ClientID= and the secret"),
        (.privateKeyJWT, "ClientID=, ClientKeyID=, the private key and AssertionAudience="),
        (.tlsClientAuth, "ClientID= and the certificate"), (.selfSignedTLSClientAuth, "ClientID= and the certificate"),
    ])
    func `what to compare depends on how the client proves itself`(
        method: ClientSettings.AuthenticationMethod,
        what: String
    ) {
        let client = ClientCondition(name: "shop", token: .credentialRejected(failure: nil), authentication: method)
        let report = model.judge(clients: [client], audit: idleAudit, now: start)
        #expect(report.problems.first?.message.contains("Compare \(what) of [Client shop]") == true)
    }

    /// The age of a certificate of 90 days in seconds, and what is said of it 30 days before its end and after.
    private static let ages: [(Int64, HealthStatus, String)] = [
        (0, .healthy, "for another 90 days"), (5_184_000, .healthy, "for another 30 days"),
        (5_184_001, .degraded, "in 29 days"), (7_776_000, .degraded, "in 0 days"),
        (7_776_001, .unhealthy, "has expired on 2023-11-14T22:13:20Z"),
    ]

    @Test(arguments: ages)
    func `a certificate is told of before it expires, and after`(age: Int64, status: HealthStatus, what: String) {
        let end: Int64 = 1_700_000_000
        let begin = end - 7_776_000
        let expiry = CertificateExpiry(
            validity: CertificateValidity(start: begin, end: end),
            warning: .seconds(30 * 86_400)
        )
        let client = ClientCondition(
            name: "shop",
            token: .held(expiry: start + .seconds(60)),
            certificate: ClientCondition.Certificate(expiry, at: begin + age)
        )
        let report = model.judge(clients: [client], audit: idleAudit, now: start)
        let check = report.checks.first { $0.name == "client.shop.certificate" }
        #expect(check?.status == status && report.status == status)
        #expect(check?.message.contains(what) == true, "\(check?.message ?? "")")
    }

    @Test func `a failed call counts until a later one succeeds or it is forgotten`() {
        var client = ClientCondition(name: "default", token: .held(expiry: start + .seconds(3600)))
        client.callFailure = .init(instant: start + .seconds(1), label: "upstream_unavailable.connect")
        #expect(level(client, after: .seconds(2)) == .degraded)
        #expect(level(client, after: .seconds(300)) == .degraded)
        #expect(level(client, after: .seconds(301)) == .healthy)
        client.callFailure = nil
        #expect(level(client, after: .seconds(3)) == .healthy)
    }

    @Test func `an open circuit breaker is unhealthy until it lets calls through`() {
        var client = ClientCondition(name: "default", token: .held(expiry: start + .seconds(3600)), breaker: .open)
        #expect(level(client, after: .zero) == .unhealthy)
        client.breaker = .halfOpen
        #expect(level(client, after: .seconds(1)) == .unhealthy)
        client.breaker = .closed
        #expect(level(client, after: .seconds(1)) == .healthy)
    }

    @Test func `a message that Mosaic's limit held back counts for a while, although others got through`() {
        var client = ClientCondition(name: "default", token: .held(expiry: start + .seconds(3600)))
        client.withheld = start
        #expect(level(client, after: .seconds(299)) == .degraded)
        #expect(level(client, after: .seconds(300)) == .healthy)
        let report = model.judge(clients: [client], audit: idleAudit, now: start + .seconds(7))
        #expect(report.summary.contains("rate_limited, 7 s ago"))
    }

    @Test func `plain http upstream is never healthy`() {
        let client = ClientCondition(
            name: "default",
            token: .held(expiry: start + .seconds(3600)),
            isInsecure: true
        )
        let report = model.judge(clients: [client], audit: idleAudit, now: start)
        #expect(report.status == .degraded)
        #expect(report.summary.contains("Insecure upstream"))
    }

    private func audit(
        refuses: Bool = true,
        occupied: Int = 100,
        failure: String? = nil,
        stalled: Duration = .zero,
        lossAge: Duration? = nil
    ) -> HealthCheck? {
        model.judge(
            clients: [],
            audit: AuditCondition(
                waiting: 7,
                occupied: occupied,
                capacity: 100,
                refusesWhenFull: refuses,
                failure: failure,
                stalled: stalled,
                loss: lossAge.map { AuditQueue.Load.Loss(age: $0, uid: 1000) }
            ),
            now: start
        ).checks.first
    }

    @Test func `a journal that takes records is not blamed for a caller that has used up its share`() {
        #expect(audit()?.status == .healthy)
        let refused = audit(lossAge: .seconds(3))
        #expect(refused?.status == .healthy)
        #expect(refused?.message.contains("uid 1000 had used up its share; its calls were refused") == true)
        #expect(refused?.message.contains("ournal") == false)
        #expect(audit(lossAge: .seconds(301))?.message.contains("1000") == false)
    }

    @Test func `records that were dropped are told for a while`() {
        #expect(audit(refuses: false, lossAge: .seconds(299))?.status == .degraded)
        #expect(audit(refuses: false, lossAge: .seconds(301))?.status == .healthy)
    }

    @Test
    func `a trail that cannot be written is told with its reason, and is unhealthy once calls are refused for it`() {
        let failing = audit(failure: "write: No space left on device", stalled: .seconds(4))
        #expect(failing?.status == .degraded)
        #expect(failing?.message.contains("No space left on device") == true)
        #expect(failing?.message.contains("7 of at most 100 wait") == true)
        let refusing = audit(failure: "write: No space left on device", stalled: .seconds(4), lossAge: .seconds(1))
        #expect(refusing?.status == .unhealthy)
        #expect(refusing?.message.contains("calls are refused") == true)
        #expect(audit(failure: "x", stalled: .seconds(4), lossAge: .seconds(5))?.status == .degraded, "lost before")
        #expect(audit(refuses: false, failure: "x", stalled: .seconds(4), lossAge: .seconds(1))?.status == .degraded)
    }

    @Test func `a write that does not return is worth a look after two seconds`() {
        #expect(audit(stalled: .milliseconds(1999))?.status == .healthy)
        #expect(audit(stalled: .seconds(2))?.status == .degraded)
        #expect(audit(stalled: .seconds(2), lossAge: .seconds(1))?.status == .unhealthy)
    }

    @Test func `a log that takes no messages is degraded, one that does is not worth a line`() {
        func check(_ change: (inout LogWriter.Condition) -> Void) -> HealthCheck? {
            var log = LogWriter.Condition()
            change(&log)
            return model.judge(clients: [], audit: idleAudit, log: log, now: start).checks.first { $0.name == "log" }
        }
        #expect(check { $0.dropped = 5 } == nil)
        #expect(check { $0.stalled = .seconds(1) } == nil)
        #expect(check { $0.stalled = .seconds(2) }?.status == .degraded)
        #expect(check { $0.failure = "write: Broken pipe" }?.message.contains("Broken pipe") == true)
    }

    @Test func `rules that go by units let nobody in where these cannot be found out, and it says what to do`() {
        func check(_ way: CallerUnitWay) -> HealthCheck? {
            model.judge(clients: [], audit: idleAudit, callerUnits: CallerUnitCondition(way: way), now: start)
                .checks.first { $0.name == "caller_units" }
        }
        #expect(check(.peerDescriptor)?.status == .healthy)
        #expect(check(.openedDescriptor)?.status == .healthy)
        for problem in CallerUnitProblem.allCases {
            let found = check(.none(problem))
            #expect(found?.status == .degraded)
            #expect(found?.message.hasSuffix("\(problem.sentence). \(problem.advice)") == true)
        }
        #expect(check(.none(.processHidden))?.message.contains("ProtectProc=default") == true)
        #expect(model.judge(clients: [], audit: idleAudit, now: start).checks.map(\.name) == ["audit"])
    }

    @Test(arguments: [
        (SocketFileCondition.Finding.own, HealthStatus.healthy, "leads to the agent"),
        (.missing, .unhealthy, "does not exist any more"),
        (.replaced, .unhealthy, "is not the agent's socket any more"),
        (.hidden("Permission denied"), .degraded, "cannot be looked at (Permission denied)"),
    ])
    func `the file of a socket decides whether programs reach the agent, and it says what to do`(
        finding: SocketFileCondition.Finding,
        status: HealthStatus,
        words: String
    ) {
        for isInherited in [true, false] {
            let file = SocketFileCondition(
                socket: .control,
                path: "/run/c.sock",
                isInherited: isInherited,
                finding: finding
            )
            let report = model.judge(clients: [], audit: idleAudit, sockets: [file], now: start)
            #expect(report.status == status)
            let check = report.checks.first { $0.name == "socket.control" }
            #expect(check?.message.hasPrefix("/run/c.sock ") == true && check?.message.contains(words) == true)
            guard status == .unhealthy else { continue }
            let remedy =
                isInherited ? "'systemctl restart mosaicd-control.socket mosaicd.service'" : "A restart of the agent"
            #expect(check?.message.contains(remedy) == true)
        }
    }

    @Test func `only rules that go by units make it matter`() throws {
        func condition(_ conditions: [AccessRule.Condition]) -> CallerUnitCondition? {
            let rule = AccessRule(
                name: "a",
                conditions: conditions,
                clients: ["default"],
                grants: AccessGrants(["login"], in: .sample)
            )
            return CallerUnitCondition(AccessPolicy(rules: [rule], catalogue: .sample), units: nil)
        }
        #expect(condition([.uid(1), .gid(2)]) == nil)
        let pattern = try UnitPattern("web.service")
        #expect(condition([.unit(pattern)]) == CallerUnitCondition(way: .none(.unasked)))
        #expect(condition([.uid(1), .userUnit(pattern)]) != nil)
    }

    @Test func `one client's trouble is the whole agent's level, the worst problem first`() {
        let clients = [
            ClientCondition(name: "one", token: .held(expiry: start + .seconds(60)), isInsecure: true),
            ClientCondition(name: "two", token: .missing(failure: "upstream_unavailable")),
            ClientCondition(name: "three", token: .held(expiry: start + .seconds(60))),
        ]
        let report = model.judge(clients: clients, audit: idleAudit, now: start)
        #expect(report.status == .unhealthy)
        #expect(report.problems.map(\.name) == ["client.two.token", "client.one.upstream"])
        #expect(report.summary.hasPrefix("unhealthy: client.two.token: "))
        #expect(report.summary.hasSuffix("(and 1 more)"))
    }

    @Test func `a refused configuration hides no other problem`() {
        let client = ClientCondition(name: "one", token: .missing(failure: "upstream_unavailable"))
        let report = model.judge(clients: [client], audit: idleAudit, refusal: "a.conf:1: unknown key", now: start)
        #expect(report.status == .unhealthy)
        #expect(Set(report.problems.map(\.name)) == ["client.one.token", "configuration"])
    }
}
