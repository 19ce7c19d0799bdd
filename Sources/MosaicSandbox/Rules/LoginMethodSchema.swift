/// What the contract says about the members of login preferences (section 10): types, ranges, which must be there.
///
/// Read by E41, which replaces a member whole and so wants it complete.
enum LoginMethodSchema {
    /// One setting of a method.
    struct Member: Sendable {
        enum Kind: Sendable {
            case integer(ClosedRange<Int64>)
            case boolean
            /// `primaryColor` (required), `from`, `subject`.
            case message
            /// Progressive lockout.
            case tiers
        }

        var name: String
        var isRequired: Bool
        var kind: Kind
    }

    /// The methods whose settings are documented.
    static let members: [String: [Member]] = [
        "password": [
            required("passwordMinLength", 5...14), required("passwordComplexity", 1...5),
            required("blockPreviousPasswords", 0...20), required("passwordExpiresIn", 1...1096),
            optional("ignoreExpiration", .boolean), optional("maxPasswordFailures", .integer(1...20)),
            optional("passwordSuspensionDuration", .integer(1...525_600)),
            optional("failuresExpireIn", .integer(1...525_600)), optional("lockoutTiers", .tiers),
            required("resetValidityMinutes", 5...60), optional("codeLength", .integer(4...8)),
            optional("tempPasswordValidityHours", .integer(1...8760)), optional("requireMFA", .boolean),
            optional("checkHibp", .boolean), optional("checkDictionary", .boolean),
            optional("notifyOnPasswordUpdate", .boolean), Member(name: "message", isRequired: true, kind: .message),
        ],
        "email_otp": code + [Member(name: "message", isRequired: true, kind: .message)],
        "sms": code,
        "email": [
            required("expiresIn", 1...525_600), required("linksPerUser", 1...1_000_000),
            Member(name: "message", isRequired: true, kind: .message),
        ],
    ]

    /// Methods that exist and whose settings this document does not describe: kept as they are given.
    static let opaque: Set<String> = [
        "totp", "webauthn_api", "google", "facebook", "apple", "line", "tiktok", "push",
    ]

    /// Methods that only answers contain.
    static let readOnly: Set<String> = ["pin_authenticator", "face"]

    private static let code = [
        required("expiresIn", 1...525_600), required("maxFailures", 1...20),
        optional("lockoutDuration", .integer(0...525_600)), optional("codeLength", .integer(4...8)),
        optional("crossClientsAllowed", .boolean),
    ]

    private static func required(_ name: String, _ range: ClosedRange<Int64>) -> Member {
        Member(name: name, isRequired: true, kind: .integer(range))
    }

    private static func optional(_ name: String, _ kind: Member.Kind) -> Member {
        Member(name: name, isRequired: false, kind: kind)
    }
}

extension LoginMethodSchema {
    /// Reads one method's object, reporting what is wrong with it.
    static func read(_ method: String, _ fields: inout RequestFields) {
        guard var nested = fields.object(method) else { return }
        for member in members[method] ?? [] {
            guard nested.has(member.name) else {
                if member.isRequired { fields.report("\(method).\(member.name) is required") }
                continue
            }
            switch member.kind {
            case .boolean: _ = nested.boolean(member.name)
            case .integer(let range): check(member.name, range, &nested, path: method)
            case .message:
                guard var message = nested.object("message") else { continue }
                readMessage(&message, path: "\(method).message")
                nested.absorb(message)
            case .tiers: readTiers(&nested, path: method)
            }
        }
        fields.absorb(nested)
    }

    private static func check(
        _ name: String,
        _ range: ClosedRange<Int64>,
        _ fields: inout RequestFields,
        path: String
    ) {
        guard let number = fields.number(name) else { return }
        guard let whole = Int64(exactly: number), range.contains(whole) else {
            fields.report("\(path).\(name) must be a whole number between \(range.lowerBound) and \(range.upperBound)")
            return
        }
    }

    private static func readMessage(_ message: inout RequestFields, path: String) {
        let color = message.string("primaryColor", required: true)
        _ = message.string("from")
        _ = message.string("subject")
        if let color, !isHexColor(color) { message.report("\(path).primaryColor must be a hexadecimal color") }
    }

    private static func readTiers(_ fields: inout RequestFields, path: String) {
        for (index, tier) in (fields.array("lockoutTiers") ?? []).enumerated() {
            let name = "\(path).lockoutTiers[\(index)]"
            guard let attempts = tier["attempts"]?.integer, attempts >= 1, let duration = tier["duration"]?.integer,
                (1...525_600).contains(duration)
            else {
                fields.report("\(name) must have attempts of at least 1 and duration between 1 and 525600")
                continue
            }
        }
    }

    private static func isHexColor(_ text: String) -> Bool {
        text.first == "#" && [3, 6].contains(text.utf8.count - 1) && text.dropFirst().allSatisfy(\.isHexDigit)
    }
}
