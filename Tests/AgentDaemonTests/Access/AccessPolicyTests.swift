import AgentProtocol
import Testing

@testable import AgentDaemon

private let alice = Caller(uid: 1_000, gid: 1_000, pid: 7, supplementaryGroups: [33, 33, 7])

private func rule(
    _ name: String,
    _ conditions: [AccessRule.Condition] = [.uid(1_000)],
    clients: [String] = ["default"],
    allow: [String] = ["login"],
    users: [TargetPattern] = [],
    details: Bool = false
) -> AccessRule {
    AccessRule(
        name: name,
        conditions: conditions,
        clients: clients,
        grants: AccessGrants(allow, in: .sample),
        users: users,
        details: details
    )
}

private func policy(_ rules: AccessRule...) -> AccessPolicy {
    AccessPolicy(rules: rules, catalogue: .sample)
}

private func question(
    _ method: String = "password.authenticate",
    from caller: Caller = alice,
    client: String? = nil,
    target: Target? = nil,
    fields: [Right] = []
) -> AccessQuestion {
    AccessQuestion(caller: caller, method: method, client: client, target: target, fieldRights: fields)
}

private func allowed(_ rule: String, as client: String = "default", details: Bool = false) -> AccessDecision {
    .allowed(AccessPermit(rule: rule, client: client, details: details))
}

@Suite struct `A permit` {
    @Test func `believes the caller's word on addresses where the rule that decides says so`() {
        var trusting = rule("trusting", allow: ["users"])
        trusting.trustsClientIP = true
        let rules = policy(rule("plain"), trusting)
        for (method, trusts) in [("password.authenticate", false), ("user.get", true)] {
            guard case .allowed(let permit) = rules.decide(question(method)) else {
                Issue.record("\(method) is refused")
                continue
            }
            #expect(permit.trustsClientIP == trusts)
        }
    }
}

@Suite struct `A caller` {
    @Test func `has its primary and supplementary groups, each once`() {
        #expect(alice.groups == [7, 33, 1_000])
    }

    @Test(arguments: [
        ([AccessRule.Condition.any], true), ([.uid(1_000)], true), ([.uid(0)], false), ([.gid(1_000)], true),
        ([.gid(33)], true), ([.gid(34)], false), ([.uid(1_000), .gid(7), .gid(33)], true),
        ([.uid(1_000), .gid(34)], false), ([], false),
    ])
    func `is matched when all conditions hold`(_ conditions: [AccessRule.Condition], _ isMatched: Bool) {
        #expect(rule("a", conditions).matches(alice) == isMatched)
    }
}

@Suite struct `The access policy` {
    @Test func `refuses everybody when it has no rules`() {
        #expect(policy().decide(question()) == .refused(.caller))
        #expect(policy().refusal(of: "password.authenticate", to: alice) == .caller)
    }

    @Test func `gives root nothing of its own`() {
        let root = Caller(uid: 0, gid: 0, pid: 1, supplementaryGroups: [])
        #expect(policy(rule("a")).decide(question(from: root)) == .refused(.caller))
    }

    @Test func `lets the first rule decide that allows everything`() {
        let rules = policy(
            rule("other", [.uid(5)]),
            rule("sessions", allow: ["session"]),
            rule("first", details: true),
            rule("second")
        )
        #expect(rules.decide(question()) == allowed("first", details: true))
    }

    @Test func `tells how far a refused call came`() {
        let rules = policy(
            rule("sessions", allow: ["session"]),
            rule("mails", users: [TargetPattern(kind: .email)])
        )
        #expect(
            rules.decide(question(from: Caller(uid: 5, gid: 5, pid: 1, supplementaryGroups: []))) == .refused(.caller)
        )
        #expect(rules.decide(question("user.get")) == .refused(.method))
        #expect(rules.decide(question(fields: [.otpDirect])) == .refused(.field(right: .otpDirect)))
        #expect(rules.decide(question(client: "other")) == .refused(.client))
        #expect(rules.decide(question()) == .refused(.target))
        let name = Target(kind: .username, identifier: "alice")
        #expect(rules.decide(question(target: name)) == .refused(.target))
        let limited = policy(rule("limited", allow: ["session"], users: [TargetPattern(kind: .email)]))
        #expect(limited.decide(question("session.authenticate")) == .refused(.targetless))
    }

    @Test func `takes the only client, else default, else asks for one`() {
        #expect(policy(rule("a", clients: ["shop"])).decide(question()) == allowed("a", as: "shop"))
        #expect(policy(rule("a", clients: ["shop", "default"])).decide(question()) == allowed("a"))
        let rules = policy(rule("a", clients: ["shop", "blog"]), rule("b"))
        #expect(rules.decide(question()) == .refused(.clientRequired(rule: "a", clients: ["shop", "blog"])))
        #expect(rules.decide(question(client: "blog")) == allowed("a", as: "blog"))
        #expect(rules.decide(question(client: "default")) == allowed("b"))
        #expect(rules.decide(question(client: "Shop")) == .refused(.client))
    }

    @Test func `refuses before the parameters only what it would refuse with any`() {
        let rules = policy(
            rule("mails", users: [TargetPattern(kind: .email)]),
            rule("none", [.uid(9)], allow: ["session"])
        )
        #expect(rules.refusal(of: "password.authenticate", to: alice) == nil)
        #expect(rules.refusal(of: "session.authenticate", to: alice) == .method)
        let targetless = policy(rule("mails", allow: ["session"], users: [TargetPattern(kind: .email)]))
        #expect(targetless.refusal(of: "session.authenticate", to: alice) == .targetless)
    }

    @Test func `wants every field right from the same rule`() {
        let rules = policy(
            rule("plain"),
            rule("direct", allow: ["otp-direct"]),
            rule("both", allow: ["otp.send", "otp-direct"])
        )
        #expect(rules.decide(question("otp.send", fields: [.otpDirect])) == allowed("both"))
        #expect(
            rules.decide(question("password.authenticate", fields: [.otpDirect])) == .refused(.field(right: .otpDirect))
        )
    }

    @Test func `knows what a caller holds`() {
        let rules = policy(
            rule("a", allow: ["*", "otp-direct"]),
            rule("b", clients: ["shop"], allow: ["user.get"]),
            rule("c", [.uid(5)], clients: ["blog"], allow: ["users"])
        )
        #expect(rules.rights(for: alice) == ["login", "otp-direct", "session", "token", "user.get"])
        #expect(rules.clients(for: alice) == ["default", "shop"])
        #expect(rules.rules(for: alice).map(\.name) == ["a", "b"])
    }

    @Test func `explains each rule in a sentence`() {
        let rules = policy(
            rule("a", [.uid(5)]),
            rule("b", allow: ["session"]),
            rule("c", clients: ["shop"]),
            rule("d", users: [TargetPattern(kind: .email)]),
            rule("e"),
            rule("f", details: true)
        )
        let explanation = rules.explain(question(client: "default"))
        #expect(explanation.decision == allowed("e"))
        #expect(
            explanation.sentences == [
                "a: is not for this caller (uid 1000, groups 7 33 1000)", "b: does not allow password.authenticate",
                "c: does not allow this client; it allows shop", "d: limits the users, and the call names none",
                "e: allows the call as client default",
                "f: allows the call as client default (but an earlier rule has decided)",
            ]
        )
    }
}

@Suite struct `Rules that are for one user` {
    @Test func `are passed over for others, and decide in their order for that one`() {
        let rules = policy(rule("a", [.uid(1)]), rule("b", [.uid(1_000)]), rule("c", [.any]), rule("d", [.uid(1_000)]))
        #expect(rules.decide(question()) == allowed("b"))
        #expect(rules.refusal(of: "password.authenticate", to: alice) == nil)
        let other = Caller(uid: 2, gid: 2, pid: 7, supplementaryGroups: [])
        #expect(rules.decide(question(from: other)) == allowed("c"))
        let alone = policy(rule("a", [.uid(1)]), rule("b", [.uid(1_000), .uid(1)]))
        #expect(alone.decide(question()) == .refused(.caller))
        #expect(alone.refusal(of: "password.authenticate", to: alice) == .caller)
        #expect(alone.neededUnit(for: question()) == nil)
    }

    @Test func `are not passed over where the service manager asks, whose user is not the unit's`() throws {
        let rules = policy(rule("web", [.unit(try UnitPattern("web.service")), .uid(1_000)]))
        let manager = Caller(uid: 0, gid: 0, pid: 1, supplementaryGroups: []).asking(forUnit: "web.service")
        #expect(rules.refusal(of: "password.authenticate", to: manager) == .uncheckable)
        #expect(rules.decide(question(from: manager)) == .refused(.uncheckable))
    }
}

@Suite struct `The catalogue of the protocol` {
    @Test func `has its rights and the methods that need one`() {
        let catalogue = RightsCatalogue.main
        #expect(catalogue.entries.map(\.right) == Right.known)
        #expect(catalogue.method(named: "password.authenticate")?.right == .login)
        #expect(catalogue.method(named: "password.authenticate")?.hasTarget == true)
        #expect(catalogue.method(named: "system.ping") == nil)
        #expect(catalogue.targetKinds.contains(.email))
    }

    @Test func `can say of every right what it amounts to`() {
        #expect(RightsCatalogue.main.entries.allSatisfy { !$0.documentation.contains("cannot describe") })
        #expect(Set(RightsCatalogue.main.entries.map(\.documentation)).count == Right.known.count)
    }

    @Test func `keeps takeover and field rights out of the wildcard`() {
        let grants = AccessGrants(["*"], in: .main)
        #expect(grants.rights == Set(Right.groups).subtracting(Right.takeover))
        #expect(grants.rights.isDisjoint(with: Right.fieldRights))
    }
}
