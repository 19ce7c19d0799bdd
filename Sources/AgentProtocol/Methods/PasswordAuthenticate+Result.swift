public import Secrets
public import StrictJSON

extension PasswordAuthenticate {
    /// What was decided.
    public enum Result: MethodResult, VerdictBearing {
        /// The password is right; here are the tokens.
        case granted(Granted)
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
            VerdictSchema(.granted, Granted.fields, doc: "The password is right."),
            VerdictSchema(
                .denied,
                [
                    Field(
                        "reason",
                        .text(1...64),
                        doc: "Why, for callers whose rule says `Details=yes`; the journal always has it."
                    )
                ],
                doc: "Wrong password, or an unknown, inactive or locked user."
            ),
            VerdictSchema(
                .passwordChangeRequired,
                [
                    .required(
                        "cause",
                        .choice(["expired", "temporary"]),
                        doc: "Why the password must be replaced."
                    ),
                    Field(
                        "reset_token",
                        .anyText,
                        isSensitive: true,
                        doc: "Allows to set a new password, if Mosaic gave one."
                    ),
                ],
                doc: "The password is right but must be replaced first."
            ),
        ])

        /// Takes the values of the members that the verdict has.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            switch Verdict(try object.text("verdict")) {
            case .granted:
                self = .granted(try Granted(reading: object))
            case .denied:
                self = .denied(reason: try object.optionalText("reason"))
            case .passwordChangeRequired:
                self = .passwordChangeRequired(
                    cause: PasswordChangeCause(try object.text("cause")),
                    resetToken: try object.optionalSecret("reset_token")
                )
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
                writer.member("cause", cause.name)
                writer.member("reset_token", resetToken)
            }
            writer.endObject()
        }
    }

    /// The tokens and the session of a user who has logged in (reference 3.11).
    public struct Granted: WireObject {
        /// The user access token.
        public var accessToken: Secret
        /// `Bearer`.
        public var tokenType: String
        /// Seconds the access token is valid.
        public var expiresIn: Int
        /// The session at Mosaic.
        public var sessionID: Secret
        /// The ID token.
        public var idToken: Secret?
        /// The refresh token.
        public var refreshToken: Secret?
        /// The user's id, from the ID token.
        public var userID: String?
        /// The methods the user has authenticated with, from the ID token.
        public var amr: [String]?

        /// Tokens and session.
        public init(
            accessToken: Secret,
            tokenType: String,
            expiresIn: Int,
            sessionID: Secret,
            idToken: Secret? = nil,
            refreshToken: Secret? = nil,
            userID: String? = nil,
            amr: [String]? = nil
        ) {
            self.accessToken = accessToken
            self.tokenType = tokenType
            self.expiresIn = expiresIn
            self.sessionID = sessionID
            self.idToken = idToken
            self.refreshToken = refreshToken
            self.userID = userID
            self.amr = amr
        }

        /// The schema of the members beside `verdict`.
        public static let fields: [Field] = [
            .required("access_token", .anyText, isSensitive: true, doc: "The user access token."),
            .required("token_type", .anyText, doc: "`Bearer`."),
            .required("expires_in", .count, doc: "Seconds the access token is valid."),
            .required("session_id", .anyText, isSensitive: true, doc: "The session at Mosaic."),
            Field("id_token", .anyText, isSensitive: true, doc: "The ID token."),
            Field("refresh_token", .anyText, isSensitive: true, doc: "The refresh token."),
            Field("user_id", .anyText, doc: "The user's id, the `sub` of the ID token."),
            Field(
                "amr",
                .array(of: .anyText, maximumCount: 64),
                doc: "The methods the user has authenticated with, from the ID token."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
            tokenType = try object.text("token_type")
            expiresIn = try object.integer("expires_in", as: Int.self)
            sessionID = try object.secret("session_id")
            idToken = try object.optionalSecret("id_token")
            refreshToken = try object.optionalSecret("refresh_token")
            userID = try object.optionalText("user_id")
            amr = try object.optionalTexts("amr")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
            writer.member("token_type", tokenType)
            writer.member("expires_in", expiresIn)
            writer.member("session_id", sessionID)
            writer.member("id_token", idToken)
            writer.member("refresh_token", refreshToken)
            writer.member("user_id", userID)
            writer.member("amr", amr)
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
    /// The password was set by somebody else, for one use.
    public static let temporary = PasswordChangeCause("temporary")
}
