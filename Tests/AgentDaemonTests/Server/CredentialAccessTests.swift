import AgentProtocol
import Secrets
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon
@testable import MosaicAPI

/// Whose units get which client's token, through the real dispatcher and policy.
@Suite(.longTimeLimit) struct CredentialAccessTests {
    private static let token = IssuedClientToken(value: Secret(copying: "a-token".utf8), remaining: .seconds(3000))

    /// A rule and what a request of `report.service` comes to under it alone.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let rule: AccessRule
        var id = "mosaic"
        /// The reason of the refusal; nil if there is none.
        let reason: String?
    }

    private static func rule(
        _ conditions: [AccessRule.Condition],
        clients: [String] = ["default"],
        allow: [String] = ["client-token"],
        users: [TargetPattern] = []
    ) -> AccessRule {
        AccessRule(
            name: "report",
            conditions: conditions,
            clients: clients,
            grants: AccessGrants(allow, in: .main),
            users: users
        )
    }

    private static func unit(_ pattern: String) -> AccessRule.Condition {
        guard let pattern = try? UnitPattern(pattern) else { preconditionFailure("no pattern: \(pattern)") }
        return .unit(pattern)
    }

    private static func userUnit(_ pattern: String) -> AccessRule.Condition {
        guard let pattern = try? UnitPattern(pattern) else { preconditionFailure("no pattern: \(pattern)") }
        return .userUnit(pattern)
    }

    static let cases: [Case] = [
        Case(testDescription: "the right", rule: rule([unit("report.service")]), reason: nil),
        Case(
            testDescription: "the method",
            rule: rule([unit("rep*.service")], allow: ["client_token.get"]),
            reason: nil
        ),
        Case(testDescription: "the client", rule: rule([unit("report.service")]), id: "mosaic.default", reason: nil),
        Case(
            testDescription: "default among others",
            rule: rule([unit("report.service")], clients: ["risk", "default"]),
            reason: nil
        ),
        Case(
            testDescription: "another unit",
            rule: rule([unit("reports.service")]),
            reason: "no_rule_for_caller"
        ),
        Case(testDescription: "anybody", rule: rule([.any]), reason: "no_rule_for_caller"),
        Case(testDescription: "root", rule: rule([.uid(0)]), reason: "no_rule_for_caller"),
        Case(testDescription: "root's group", rule: rule([.gid(0)]), reason: "no_rule_for_caller"),
        Case(
            testDescription: "a unit of a user",
            rule: rule([.uid(0), userUnit("report.service")]),
            reason: "no_rule_for_caller"
        ),
        Case(
            testDescription: "the unit and a user, even root",
            rule: rule([unit("report.service"), .uid(0)]),
            reason: "condition_not_checkable"
        ),
        Case(
            testDescription: "a group and the unit",
            rule: rule([.gid(0), unit("report.service")]),
            reason: "condition_not_checkable"
        ),
        Case(
            testDescription: "another unit and a user",
            rule: rule([.uid(0), unit("other.service")]),
            reason: "no_rule_for_caller"
        ),
        Case(
            testDescription: "the wildcard",
            rule: rule([unit("report.service")], allow: ["*"]),
            reason: "method_not_allowed"
        ),
        Case(
            testDescription: "logins",
            rule: rule([unit("report.service")], allow: ["login"]),
            reason: "method_not_allowed"
        ),
        Case(
            testDescription: "limits on users",
            rule: rule([unit("report.service")], users: [TargetPattern(kind: .email, glob: nil)]),
            reason: "target_not_checkable"
        ),
        Case(
            testDescription: "another client",
            rule: rule([unit("report.service")]),
            id: "mosaic.risk",
            reason: "client_not_allowed"
        ),
        Case(
            testDescription: "a choice of clients",
            rule: rule([unit("report.service")], clients: ["one", "two"]),
            reason: "client_required"
        ),
    ]

    @Test(arguments: cases)
    func `a rule for`(_ item: Case) async throws {
        try await DispatcherFixture.with(FakeMosaicService(.output(Self.token)), rules: [item.rule]) { fixture in
            let request = CredentialRequest(abstractName: Array("1/unit/report.service/\(item.id)".utf8))
            let peer = Caller(uid: 0, gid: 0, pid: 7, supplementaryGroups: [])
            let call = Call.credential(request, peer: peer, user: 0, connection: 1, now: fixture.clock.now)
            let outcome = try await fixture.outcome(of: fixture.dispatcher.dispatch(call))
            let record = try #require(outcome.records.first)
            #expect(outcome.records.count == 1)
            #expect(record.method == "client_token.get")
            #expect(record.socket == "credential")
            #expect(record.callerUID == 0 && record.callerPID == 7)
            #expect(record.callerUnit == "report.service")
            #expect(record.reason == item.reason)
            if item.reason == nil {
                #expect(outcome.result?["access_token"]?.string == "a-token")
                #expect(fixture.service.lent.map(\.minimumValidity) == [.seconds(600)])
                #expect(record.verdict == "ok" && record.client == "default" && record.rule == "report")
            } else {
                #expect(outcome.result == nil)
                #expect(fixture.service.lent.isEmpty)
                #expect(record.verdict == "error" && record.rule == nil)
            }
        }
    }

    @Test func `a request that the socket refuses gets no further than the audit trail`() async throws {
        let rule = Self.rule([Self.unit("report.service"), .any])
        try await DispatcherFixture.with(FakeMosaicService(.output(Self.token)), rules: [rule]) { fixture in
            for (name, uid, reason, unit) in [
                ("1/unit/report.service/other", 0, "unknown_credential", "report.service"),
                ("1/unit/report/mosaic", 0, "peer_address", nil),
                ("1/unit/report.service/mosaic", 1000, "peer_not_root", nil),
            ] as [(String, UInt32, String, String?)] {
                let peer = Caller(uid: uid, gid: uid, pid: 7, supplementaryGroups: [])
                let request = CredentialRequest(abstractName: Array(name.utf8))
                let call = Call.credential(request, peer: peer, user: 0, connection: 1, now: fixture.clock.now)
                let outcome = try await fixture.outcome(of: fixture.dispatcher.dispatch(call))
                #expect(outcome.kind == "forbidden")
                let record = try #require(outcome.records.first)
                #expect(record.reason == reason && record.callerUnit == unit && record.callerUID == uid)
                #expect(record.event == .forbidden && record.socket == "credential")
            }
            #expect(fixture.service.lent.isEmpty)
        }
    }

    @Test func `what lets the service manager in for a unit lets a process in only by its own unit`() throws {
        let rule = Self.rule([Self.unit("report.service")])
        let manager = Caller(uid: 0, gid: 0, pid: 1, supplementaryGroups: [])
        #expect(rule.fit(of: manager.asking(forUnit: "report.service")) == .fits)
        #expect(rule.fit(of: manager) == .unknown(.unasked))
    }
}
