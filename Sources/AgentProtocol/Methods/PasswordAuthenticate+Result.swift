public import Secrets
public import StrictJSON

extension PasswordAuthenticate {
    /// What was decided.
    public enum Result: MethodResult, VerdictBearing {
        /// The password is right; here are the tokens.
        case granted(GrantedTokens)
        /// Not so; the reason is told only to callers whose rule says `Details=yes`.
        case denied(reason: String?)
        /// The password is right but must be replaced first.
        case passwordChangeRequired(cause: PasswordChangeCause, resetToken: Secret?)

        /// What was decided, by name.
        public var verdict: Verdict {
            switch self {
            case .granted: .granted
            case .denied: .denied
            case .passwordChangeRequired: .passwordChangeRequired
            }
        }

        /// The schema per verdict.
        public static let schema = Schema.verdicts([
            VerdictSchema(.granted, GrantedTokens.fields, doc: "The password is right."),
            .denied(doc: "Wrong password, or an unknown, inactive or locked user."),
            VerdictSchema(
                .passwordChangeRequired,
                PasswordChange.fields,
                doc: "The password is right but must be replaced first."
            ),
        ])

        /// Takes the values of the members that the verdict has.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            switch Verdict(try object.text("verdict")) {
            case .granted:
                self = .granted(try GrantedTokens(reading: object))
            case .denied:
                self = .denied(reason: try object.optionalText("reason"))
            case .passwordChangeRequired:
                let change = try PasswordChange(reading: object)
                self = .passwordChangeRequired(cause: change.cause, resetToken: change.resetToken)
            default:
                throw SchemaViolation(
                    .choice(["granted", "denied", "password_change_required"]),
                    at: "verdict"
                )
            }
        }

        /// Writes the result.
        public func encode(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("verdict", verdict.name)
            switch self {
            case .granted(let granted):
                granted.encodeMembers(to: &writer)
            case .denied(let reason):
                writer.member("reason", reason)
            case .passwordChangeRequired(let cause, let resetToken):
                PasswordChange(cause: cause, resetToken: resetToken).encodeMembers(to: &writer)
            }
            writer.endObject()
        }
    }
}

/// Why a password must be replaced. Unknown names are kept.
public struct PasswordChangeCause: OpenName {
    /// The name on the wire.
    public let name: String

    /// The cause of that name.
    public init(_ name: String) { self.name = name }

    /// The password is older than the policy allows.
    public static let expired = PasswordChangeCause("expired")
    /// The password was set by another person, for one use.
    public static let temporary = PasswordChangeCause("temporary")
}
