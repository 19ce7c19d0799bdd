public import Secrets
public import StrictJSON

extension PasswordLogin {
    /// What was decided.
    public enum Result: MethodResult, VerdictBearing {
        /// The password is right so far; the browser goes on at the URL.
        case `continue`(url: Secret)
        /// Not so; the reason is told only to callers whose rule says `Details=yes`.
        case denied(reason: String?)
        /// The password is right but must be replaced first.
        case passwordChangeRequired(PasswordChange)

        /// What was decided, by name.
        public var verdict: Verdict {
            switch self {
            case .continue: .continue
            case .denied: .denied
            case .passwordChangeRequired: .passwordChangeRequired
            }
        }

        /// The schema per verdict.
        public static let schema = Schema.verdicts([
            VerdictSchema(
                .continue,
                [
                    .required(
                        "url",
                        .anyText,
                        isSensitive: true,
                        doc: "Where the browser goes on; it carries the login."
                    )
                ],
                doc: "The password is right so far."
            ),
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
            case .continue: self = .continue(url: try object.secret("url"))
            case .denied: self = .denied(reason: try object.optionalText("reason"))
            case .passwordChangeRequired: self = .passwordChangeRequired(try PasswordChange(reading: object))
            default:
                throw SchemaViolation(.choice(["continue", "denied", "password_change_required"]), at: "verdict")
            }
        }

        /// Writes the result.
        public func encode(to writer: inout JSONWriter) {
            writer.beginObject()
            writer.member("verdict", verdict.name)
            switch self {
            case .continue(let url): writer.member("url", url)
            case .denied(let reason): writer.member("reason", reason)
            case .passwordChangeRequired(let change): change.encodeMembers(to: &writer)
            }
            writer.endObject()
        }
    }
}
