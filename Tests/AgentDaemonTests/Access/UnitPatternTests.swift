import Testing

@testable import AgentDaemon

@Suite struct `Patterns of units` {
    @Test(arguments: [
        ("web.service", "web.service", true), ("web.service", "web.scope", false),
        ("web.service", "Web.service", false),
        ("web.service", "web.service.service", false), ("web.service", "xweb.service", false),
        ("web*.service", "web.service", true), ("web*.service", "web-1.a.service", true),
        ("web*.service", "web.socket", false), ("*.service", "a.service", true), ("*.service", "a.scope", false),
        // Only an @ in the pattern admits one in the name.
        ("web*.service", "web@1.service", false), ("*.service", "a@b.service", false),
        ("*@*.service", "a@b.service", true), ("*@*.service", "ab.service", false),
        ("worker@1.service", "worker@1.service", true), ("worker@1.service", "worker@12.service", false),
        ("worker@*.service", "worker@1.service", true), ("worker@*.service", "worker@a.b@c.service", true),
        ("worker@*.service", "worker@.service", false), ("worker@*.service", "worker.service", false),
        ("worker@*.service", "other@1.service", false), ("worker@eu-*.service", "worker@eu-1.service", true),
        ("worker@eu-*.service", "worker@us-1.service", false), ("*r@1.service", "worker@1.service", true),
        ("worker@.service", "worker@1.service", true), ("worker@.service", "worker@.service", false),
        ("worker@.service", "worker.service", false),
        ("a\\x2db.service", "a\\x2db.service", true), ("a-b.service", "a\\x2db.service", false),
        ("session-*.scope", "session-3.scope", true), ("web.service", "", false), ("*.service", ".service", false),
        ("*.service", "a b.service", false), ("*.service", "a\u{301}.service", false),
        ("*.service", "nonsense", false),
    ])
    func `match whole names, instances only with an at sign`(_ pattern: String, _ name: String, _ matches: Bool) throws
    {
        #expect(try UnitPattern(pattern).matches(name) == matches)
        #expect(try UnitPattern(pattern).description == pattern)
    }

    @Test(arguments: [
        ("web", "ends in its type"), ("", "ends in its type"), (".service", "ends in its type"),
        ("@1.service", "ends in its type"), ("web.*", "ends in its type"), ("web.exe", "ends in its type"),
        ("we b.service", "ends in its type"), ("web?.service", "ends in its type"), ("w[ab].service", "ends in its"),
        ("web/a.service", "ends in its type"), ("wéb.service", "ends in its type"),
        (String(repeating: "a", count: 248) + ".service", "255 bytes"),
        ("web.slice", "never matches"), ("web.timer", "never matches"), ("multi-user.target", "never matches"),
    ])
    func `are refused when they cannot match any unit with processes`(_ pattern: String, _ what: String) {
        let mistake = #expect(throws: UnitPattern.Mistake.self) { try UnitPattern(pattern) }
        #expect(mistake?.what.contains(what) == true)
    }
}

@Suite struct `A rule about units` {
    private static func caller(_ unit: CallerUnit, uid: UInt32 = 1_000) -> Caller {
        Caller(uid: uid, gid: 1_000, pid: 7, supplementaryGroups: [], unit: unit)
    }

    private static func rule(_ conditions: AccessRule.Condition...) -> AccessRule {
        AccessRule(
            name: "a",
            conditions: conditions,
            clients: ["default"],
            grants: AccessGrants(["login"], in: .sample)
        )
    }

    @Test func `is for callers of that unit of the system's manager`() throws {
        let rule = Self.rule(.unit(try UnitPattern("web.service")))
        #expect(rule.matches(Self.caller(.known("web.service"))))
        #expect(!rule.matches(Self.caller(.known("other.service"))))
        #expect(!rule.matches(Self.caller(.known("user@1000.service", user: .known("web.service", manager: 1_000)))))
        let users = Self.rule(.unit(try UnitPattern("user@1000.service")))
        #expect(users.matches(Self.caller(.known("user@1000.service", user: .unasked))))
    }

    @Test func `is for nobody whose unit is not known`() throws {
        let rule = Self.rule(.uid(1_000), .unit(try UnitPattern("*.service")))
        #expect(rule.fit(of: Self.caller(.unasked)) == .unknown(.unasked))
        #expect(!rule.matches(Self.caller(.unasked)))
        for problem in CallerUnitProblem.allCases {
            let caller = Self.caller(.unknown(problem))
            #expect(rule.fit(of: caller) == .unknown(problem))
            #expect(!rule.matches(caller))
            let policy = AccessPolicy(rules: [rule], catalogue: .sample)
            #expect(policy.refusal(of: "password.authenticate", to: caller) == .unit(problem))
            #expect(DenyCause.unit(problem).code == "caller_unit_unknown.\(problem.code)")
        }
        // Who is the wrong user is refused for that, whatever the unit.
        #expect(rule.fit(of: Self.caller(.unasked, uid: 5)) == .misses)
    }

    @Test func `goes by the unit in the manager of the caller's own user`() throws {
        let rule = Self.rule(.uid(1_000), .userUnit(try UnitPattern("app.service")))
        func fit(_ user: CallerUnit.UserUnit, uid: UInt32 = 1_000) -> MatchResult {
            rule.fit(of: Self.caller(.known("user@1000.service", user: user), uid: uid))
        }
        #expect(fit(.known("app.service", manager: 1_000)) == .fits)
        #expect(fit(.known("other.service", manager: 1_000)) == .misses)
        #expect(fit(.none) == .misses)
        #expect(fit(.unasked) == .unknown(.unasked))
        #expect(fit(.unknown(.late)) == .unknown(.late))
        #expect(fit(.known("app.service", manager: 1_000), uid: 0) == .misses)
        #expect(rule.fit(of: Self.caller(.unknown(.noBus))) == .unknown(.noBus))
        // A program that became root in the session of user 1000 is of a unit that this user named.
        let root = Self.rule(.uid(0), .userUnit(try UnitPattern("app.service")))
        let risen = Self.caller(.known("user@1000.service", user: .known("app.service", manager: 1_000)), uid: 0)
        #expect(!root.matches(risen))
    }

    @Test func `is explained with the caller's unit`() throws {
        let policy = AccessPolicy(rules: [Self.rule(.unit(try UnitPattern("web.service")))], catalogue: .sample)
        func sentences(_ unit: CallerUnit) -> [String] {
            policy.explain(AccessQuestion(caller: Self.caller(unit), method: "password.authenticate")).sentences
        }
        #expect(
            sentences(.known("b.service")) == ["a: is not for this caller (uid 1000, groups 1000, unit b.service)"]
        )
        #expect(
            sentences(.known("user@1.service", user: .known("b.service", manager: 1)))
                == [
                    "a: is not for this caller (uid 1000, groups 1000, unit user@1.service, user unit b.service of uid 1)"
                ]
        )
        #expect(
            sentences(.unknown(.noBus)) == [
                "a: is for callers of certain units only, and this caller's unit is not known: the system bus cannot be reached"
            ]
        )
    }
}
