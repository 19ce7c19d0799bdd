import AgentProtocol
import StrictJSON
import TestSupport
import Testing

@testable import AgentDaemon

/// `policy.explain` against enforcement, on random policies: what is asked about an imagined caller is what a real one gets.
@Suite struct `An explanation of the policy` {
    private static let units: [(unit: String?, user: String?, real: CallerUnit)] = [
        (nil, nil, .unknown(.noBus)), ("web.service", nil, .known("web.service")),
        ("worker@1.service", nil, .known("worker@1.service")), ("session-1.scope", nil, .known("session-1.scope")),
        ("user@1000.service", nil, .known("user@1000.service", user: .unknown(.late))),
        (nil, "web.service", .known("user@1000.service", user: .known("web.service", manager: 1_000))),
        ("user@1000.service", "app.service", .known("user@1000.service", user: .known("app.service", manager: 1_000))),
    ]

    private static func rule(_ random: inout SeededGenerator, _ index: Int) throws -> AccessRule {
        let patterns = try [
            "web.service", "w*.service", "worker@*.service", "worker@.service", "user@*.service", "*.scope",
        ]
        .map { try UnitPattern($0) }
        let pattern = patterns.randomElement(using: &random) ?? patterns[0]
        let conditions: [[AccessRule.Condition]] = [
            [.any], [.uid(1_000)], [.gid(33)], [.unit(pattern)], [.unit(pattern), .gid(33)],
            [.uid(1_000), .userUnit(pattern)],
        ]
        let words = ["*", "login", "session", "users", "password.authenticate", "otp.send", "otp-direct", "user.get"]
        return AccessRule(
            name: "r\(index)",
            conditions: conditions.randomElement(using: &random) ?? [.any],
            clients: [["default"], ["shop"], ["shop", "blog"]].randomElement(using: &random) ?? [],
            grants: AccessGrants(words.shuffled(using: &random).prefix(2), in: .main),
            users: Int.random(in: 0..<3, using: &random) == 0 ? [TargetPattern(kind: .username, glob: "a*")] : [],
            details: .random(using: &random),
            trustsClientIP: .random(using: &random)
        )
    }

    @Test(arguments: 0..<4) func `says what a real call meets`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var met: Set<String> = []
        for _ in 0..<600 {
            let rules = try (0..<Int.random(in: 0...4, using: &random)).map { try Self.rule(&random, $0) }
            let policy = AccessPolicy(rules: rules, catalogue: .main)
            let place = Self.units.randomElement(using: &random) ?? Self.units[0]
            let name =
                ["password.authenticate", "otp.send", "user.get", "session.authenticate"]
                .randomElement(using: &random) ?? ""
            let method = try #require(MethodTable.main.descriptor(named: name))
            let target: Target? =
                Bool.random(using: &random)
                ? Target(kind: .username, identifier: Bool.random(using: &random) ? "alice" : "bob") : nil
            let client = [nil, "shop", "other"].randomElement(using: &random) ?? nil
            let rights: [Right] = Bool.random(using: &random) ? [.otpDirect] : []
            let gids: [UInt32] = Bool.random(using: &random) ? [33] : [7]
            let told = try PolicyExplainer(policy: policy).explain(
                PolicyExplain.Parameters(
                    uid: 1_000,
                    gids: gids,
                    method: name,
                    client: client,
                    target: target,
                    fieldRights: rights,
                    unit: place.unit,
                    userUnit: place.user
                )
            )

            let call = try DispatcherFixture.call(Line.login(), clock: TestClock())
            var caller = Caller(uid: 1_000, gid: gids[0], pid: 7, supplementaryGroups: [], unit: place.real)
            let gate = AccessGate(policy: policy)
            do throws(CallFailure) {
                try await gate.admit(call, by: &caller, to: method)
                let permit = try await gate.permit(
                    call,
                    by: &caller,
                    method,
                    client: client,
                    target: target,
                    furtherTargets: [],
                    fieldRights: rights
                )
                #expect(told.allowed)
                #expect(told.rule == permit?.rule && told.client == permit?.client && told.details == permit?.details)
                #expect(told.trustsClientIP == permit?.trustsClientIP)
                met.insert("allowed")
            } catch {
                #expect(!told.allowed)
                #expect((told.rule != nil) == (error.kind == .invalidParams))
                met.insert(error.reason ?? "")
            }
        }
        #expect(
            met.isSuperset(of: ["allowed", "no_rule_for_caller", "method_not_allowed", "client_required"]),
            "\(met)"
        )
        #expect(met.contains { $0.hasPrefix("caller_unit_unknown") }, "\(met)")
    }

    private static let mistakes: [(String?, String?, String)] = [
        ("web", nil, "unit"), ("web.timer", nil, "unit"), ("worker@.service", nil, "unit"), (nil, "app", "user_unit"),
        ("web.service", "app.service", "unit"), ("user@7.service", "app.service", "unit"),
    ]

    @Test(arguments: mistakes)
    func `is refused about a unit that no process can be of`(
        _ unit: String?,
        _ user: String?,
        _ parameter: String
    ) async {
        let handler = PolicyExplainer(policy: AccessPolicy(rules: [], catalogue: .main))
        let failure = #expect(throws: CallFailure.self) {
            try handler.explain(
                PolicyExplain.Parameters(uid: 1_000, method: "otp.send", unit: unit, userUnit: user)
            )
        }
        #expect(failure?.kind == .invalidParams && failure?.parameter == parameter)
    }

    private static let wrong: [(String, String)] = [
        (#"{"chanel":"sms"}"#, "params.chanel"), (#"{"channel":"pigeon"}"#, "params.channel"),
        (#"{"meta":{"clients":"a"}}"#, "params.meta.clients"),
        (#"{"client_attributes":{"x":1}}"#, "params.client_attributes.x"),
    ]

    @Test(arguments: wrong) func `is refused about parameters that a call could not have`(
        _ params: String,
        _ parameter: String
    ) async throws {
        let handler = PolicyExplainer(policy: AccessPolicy(rules: [], catalogue: .main))
        let imagined = PolicyExplain.Parameters(
            uid: 1_000,
            method: "otp.send",
            params: try JSONText(parsing: Array(params.utf8), maximumDepth: 4)
        )
        let failure = #expect(throws: CallFailure.self) {
            try handler.explain(imagined)
        }
        #expect(failure?.kind == .invalidParams && failure?.parameter == parameter)
        #expect(failure?.message.contains("pigeon") == false)
    }
}
