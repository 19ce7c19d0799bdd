import AgentProtocol

/// What the author of an access rule should know about it, although it is allowed.
enum AccessWarnings {
    /// The key that a warning is about.
    enum Key: Sendable, Hashable {
        case allow
        case users
        case details
        case trustClientIP

        var name: String {
            switch self {
            case .allow: AccessKeys.allow.name
            case .users: AccessKeys.users.name
            case .details: AccessKeys.details.name
            case .trustClientIP: AccessKeys.trustClientIP.name
            }
        }
    }

    /// A warning about one key of a rule.
    struct Warning: Sendable, Hashable {
        let key: Key
        let text: String
    }

    /// The warnings, in the order of the catalogue.
    static func warnings(about rule: AccessRule, in catalogue: RightsCatalogue) -> [Warning] {
        var warnings: [Warning] = []
        var takeover: [String] = []
        for entry in catalogue.entries where entry.kind != .group {
            if rule.grants.rights.contains(entry.right) {
                if entry.kind == .takeover { takeover.append(entry.right.name) }
                warnings.append(Warning(key: .allow, text: "\(entry.right): \(entry.documentation)"))
            } else if entry.kind == .takeover {
                // Single methods of a dangerous group are as dangerous as what they do.
                for method in catalogue.methods where method.right == entry.right {
                    guard rule.grants.namedMethods.contains(method.name) else { continue }
                    takeover.append(method.name)
                    warnings.append(
                        Warning(key: .allow, text: "\(method.name), part of \(entry.right): \(entry.documentation)")
                    )
                }
            }
        }
        if rule.grants.rights.isSuperset(of: [.session, .sessionAdmin]) {
            let text =
                "session and session-admin in one rule: who can list the sessions of any user and also use a session "
                + "can act as any user who is logged in"
            warnings.append(Warning(key: .allow, text: text))
        }
        if let text = unreachable(of: rule, in: catalogue) { warnings.append(Warning(key: .users, text: text)) }
        if rule.conditions.contains(.any) {
            if !takeover.isEmpty {
                let text =
                    "\(takeover.joined(separator: ", ")) for any: every process that can connect can take over accounts"
                warnings.append(Warning(key: .allow, text: text))
            }
            if rule.details {
                let text = "yes for any: every process that can connect can find out who has an account"
                warnings.append(Warning(key: .details, text: text))
            }
            if rule.trustsClientIP {
                let text =
                    "yes for any: every process that can connect can guess at passwords as often as it makes up addresses"
                warnings.append(Warning(key: .trustClientIP, text: text))
            }
        }
        return warnings
    }

    /// Names the methods that the rule grants but its `Users=` never lets through.
    private static func unreachable(of rule: AccessRule, in catalogue: RightsCatalogue) -> String? {
        guard !rule.users.isEmpty else { return nil }
        let kinds = Set(rule.users.map(\.kind))
        let methods = catalogue.methods.filter { rule.grants.methods.contains($0.name) && !$0.canName(userOf: kinds) }
        guard !methods.isEmpty else { return nil }
        let names = methods.map(\.name).joined(separator: ", ")
        return "never allows \(names): such calls name no user of these kinds"
    }
}
