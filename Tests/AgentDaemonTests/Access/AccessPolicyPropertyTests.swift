import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

/// Random policies, asked random questions: enforcement, explanation and a second, naive reading of the rules must agree.
@Suite struct `Enforcement, explanation and an oracle` {
    private static let clientNames = ["default", "shop", "blog"]
    private static let words =
        ["*"] + RightsCatalogue.sample.entries.map(\.right.name) + RightsCatalogue.sample.methods.map(\.name)
    private static let values = ["alice", "bob", "a@example.com", "b@other.org", ""]
    private static let globs = [nil, "alice", "*@example.com", "b*", "*"]

    /// A rule as its author wrote it, for the oracle; the policy gets the compiled form.
    struct WrittenRule: Sendable {
        let conditions: [AccessRule.Condition]
        let clients: [String]
        let allow: [String]
        let users: [(kind: IdentifierKind, glob: String?)]
        let details: Bool
    }

    @Test(arguments: 0..<8)
    func `agree on thousands of random policies`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let patterns = try Self.patterns()
        var decisions: Set<String> = []
        for _ in 0..<1_000 {
            let written = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                Self.rule(&random, patterns: patterns)
            }
            let policy = AccessPolicy(
                rules: written.enumerated().map { index, rule in
                    AccessRule(
                        name: "r\(index)",
                        conditions: rule.conditions,
                        clients: rule.clients,
                        grants: AccessGrants(rule.allow, in: .sample),
                        users: rule.users.map { TargetPattern(kind: $0.kind, glob: $0.glob) },
                        details: rule.details
                    )
                },
                catalogue: .sample
            )
            for _ in 0..<5 {
                let question = Self.question(&random)
                let decision = policy.decide(question)
                let explanation = policy.explain(question)
                #expect(explanation.decision == decision)
                #expect(explanation.steps.count == written.count && explanation.sentences.count == written.count)
                #expect(decisionOfFirst(explanation.steps) == Self.summary(decision).allowedOrClient)
                #expect(Self.summary(decision) == Self.oracle(written, question), "\(written) \(question)")
                expectEnoughIsKnown(policy, question)
                if policy.refusal(of: question.method, to: question.caller) != nil {
                    #expect(Self.summary(decision) == .refused)
                }
                if case .refused(let refusal) = decision {
                    decisions.insert(refusal.code)
                } else {
                    decisions.insert("allowed")
                }
            }
        }
        // The questions reach every kind of answer, or the agreement would mean little.
        #expect(decisions.count == 8 + 2, "\(decisions)")
    }

    /// Where the policy wants no more to be known of the unit, the decision is the same whatever the unit turns out to be.
    private func expectEnoughIsKnown(_ policy: AccessPolicy, _ question: AccessQuestion) {
        func asking(_ unit: CallerUnit) -> AccessQuestion {
            var caller = question.caller
            caller.unit = unit
            return AccessQuestion(
                caller: caller,
                method: question.method,
                client: question.client,
                target: question.target,
                fieldRights: question.fieldRights
            )
        }
        let outer = ["a.service", "ab.service", "w@1.service", "w@2.service", "user@1.service", "x.service"]
        let inner = outer.flatMap { name in
            [UInt32(1), 2, 3].map { CallerUnit.known("user@1.service", user: .known(name, manager: $0)) }
        }
        let unasked = asking(.unasked)
        if policy.neededUnit(for: unasked) == nil {
            for unit in outer.map({ CallerUnit.known($0) }) + inner {
                #expect(Self.summary(policy.decide(asking(unit))) == Self.summary(policy.decide(unasked)))
            }
        }
        if policy.neededUnit(for: question.method, from: unasked.caller) == nil {
            for unit in outer.map({ CallerUnit.known($0) }) + inner {
                let isRefused = policy.refusal(of: question.method, to: asking(unit).caller) != nil
                #expect(isRefused == (policy.refusal(of: question.method, to: unasked.caller) != nil))
            }
        }
        let half = asking(.known("user@1.service", user: .unasked))
        if policy.neededUnit(for: half) == nil {
            for unit in inner {
                #expect(Self.summary(policy.decide(asking(unit))) == Self.summary(policy.decide(half)))
            }
        }
    }

    enum Summary: Hashable {
        case allowed(rule: String, client: String, details: Bool)
        case clientRequired(rule: String)
        case refused

        var allowedOrClient: Summary? { self == .refused ? nil : self }
    }

    private static func summary(_ decision: AccessDecision) -> Summary {
        switch decision {
        case .allowed(let permit): .allowed(rule: permit.rule, client: permit.client, details: permit.details)
        case .refused(.clientRequired(let rule, _)): .clientRequired(rule: rule)
        case .refused: .refused
        }
    }

    private func decisionOfFirst(_ steps: [PolicyExplanation.Step]) -> Summary? {
        for step in steps {
            if case .decides(let decision) = step.outcome { return Self.summary(decision) }
        }
        return nil
    }

    /// The rules of the manual, read once more and without any of the code under test.
    private static func oracle(_ rules: [WrittenRule], _ question: AccessQuestion) -> Summary {
        let caller = question.caller
        for (index, rule) in rules.enumerated() {
            var fits = !rule.conditions.isEmpty
            for condition in rule.conditions {
                switch condition {
                case .any: break
                case .uid(let uid): fits = fits && uid == caller.uid
                case .gid(let gid): fits = fits && (gid == caller.gid || caller.groups.contains(gid))
                case .unit(let pattern):
                    guard case .known(let name, _) = caller.unit else {
                        fits = false
                        continue
                    }
                    fits = fits && oracleMeans(pattern.description, name)
                case .userUnit(let pattern):
                    guard case .known(_, .known(let name, let manager)) = caller.unit, manager == caller.uid else {
                        fits = false
                        continue
                    }
                    fits = fits && oracleMeans(pattern.description, name)
                }
            }
            if !fits || !oracleAllows(rule.allow, question.method) { continue }
            let missesRight = question.fieldRights.contains { right in
                let isGroup = ["login", "session", "token"].contains(right.name)
                return !rule.allow.contains(right.name) && !(isGroup && rule.allow.contains("*"))
            }
            if missesRight { continue }
            if let client = question.client, !rule.clients.contains(client) { continue }
            if !rule.users.isEmpty {
                if ["session.authenticate", "token.refresh"].contains(question.method) { continue }
                guard let target = question.target else { continue }
                let admitted = rule.users.contains { user in
                    guard user.kind == target.kind else { return false }
                    guard let glob = user.glob else { return true }
                    return naiveMatch(Array(glob.utf8)[...], target.identifier.bytes[...])
                }
                if !admitted { continue }
            }
            if let client = question.client {
                return .allowed(rule: "r\(index)", client: client, details: rule.details)
            }
            if rule.clients.count == 1 {
                return .allowed(rule: "r\(index)", client: rule.clients[0], details: rule.details)
            }
            if rule.clients.contains("default") {
                return .allowed(rule: "r\(index)", client: "default", details: rule.details)
            }
            return .clientRequired(rule: "r\(index)")
        }
        return .refused
    }

    /// What each of the few patterns below means, spelled out.
    private static func oracleMeans(_ pattern: String, _ name: String) -> Bool {
        switch pattern {
        case "a.service": name == "a.service"
        case "a*.service": ["a.service", "ab.service"].contains(name)
        case "w@*.service", "w@.service": ["w@1.service", "w@2.service"].contains(name)
        case "w@1.service": name == "w@1.service"
        default: false
        }
    }

    private static func patterns() throws -> [UnitPattern] {
        try ["a.service", "a*.service", "w@*.service", "w@.service", "w@1.service"].map { try UnitPattern($0) }
    }

    private static func unit(_ random: inout SeededGenerator) -> CallerUnit {
        let names = ["a.service", "ab.service", "aw@1.service", "w@1.service", "w@2.service", "w.service", "a.scope"]
        let name = names.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .unasked
        case 1: return .unknown(.late)
        case 2: return .known("user@1.service", user: .unasked)
        case 3: return .known("user@1.service", user: .unknown(.late))
        case 4, 5: return .known("user@1.service", user: .known(name, manager: .random(in: 1...2, using: &random)))
        default: return .known(name)
        }
    }

    private static func oracleAllows(_ allow: [String], _ method: String) -> Bool {
        let group =
            switch method {
            case "password.authenticate", "otp.send": "login"
            case "session.authenticate": "session"
            case "token.refresh": "token"
            case "user.get": "users"
            case "session.list": "session-admin"
            default: "nothing"
            }
        if allow.contains(method) || allow.contains(group) { return true }
        return allow.contains("*") && ["login", "session", "token"].contains(group)
    }

    private static func rule(_ random: inout SeededGenerator, patterns: [UnitPattern]) -> WrittenRule {
        var conditions: [[AccessRule.Condition]] = [
            [.any], [.uid(1)], [.uid(2)], [.gid(1)], [.gid(2)], [.uid(1), .gid(2)], [.gid(1), .gid(2)],
        ]
        if Bool.random(using: &random), let pattern = patterns.randomElement(using: &random) {
            conditions = [
                [.unit(pattern)], [.unit(pattern), .uid(1)], [.gid(2), .unit(pattern)], [.uid(1), .userUnit(pattern)],
                [.uid(2), .userUnit(pattern)],
            ]
        }
        var clients = clientNames.shuffled(using: &random).prefix(.random(in: 1...3, using: &random)).map { $0 }
        if Bool.random(using: &random) { clients = ["shop", "blog"] }
        let kinds: [IdentifierKind] = [.username, .email]
        return WrittenRule(
            conditions: conditions.randomElement(using: &random) ?? [.any],
            clients: clients,
            allow: words.shuffled(using: &random).prefix(.random(in: 1...4, using: &random)).map { $0 },
            users: (0..<max(0, Int.random(in: -2...2, using: &random))).map { _ in
                (kinds.randomElement(using: &random) ?? .email, globs.randomElement(using: &random) ?? nil)
            },
            details: .random(using: &random)
        )
    }

    private static func question(_ random: inout SeededGenerator) -> AccessQuestion {
        let methods = RightsCatalogue.sample.methods
        let method = methods.randomElement(using: &random)
        let kinds: [IdentifierKind] = [.username, .email]
        let target: Target? =
            method?.hasTarget == true && Int.random(in: 0..<4, using: &random) > 0
            ? Target(
                kind: kinds.randomElement(using: &random) ?? .email,
                identifier: Identifier(values.randomElement(using: &random) ?? "")
            ) : nil
        let rights: [[Right]] = [[], [], [], [.otpDirect], [.login], [.otpDirect, .users]]
        return AccessQuestion(
            caller: Caller(
                uid: .random(in: 1...3, using: &random),
                gid: .random(in: 1...3, using: &random),
                pid: 1,
                supplementaryGroups: Bool.random(using: &random) ? [2] : [],
                unit: unit(&random)
            ),
            method: method?.name ?? "",
            client: Bool.random(using: &random) ? nil : (clientNames + ["nowhere"]).randomElement(using: &random),
            target: target,
            fieldRights: rights.randomElement(using: &random) ?? []
        )
    }
}
