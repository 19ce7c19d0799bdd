package import Secrets
import StrictJSON

/// What the calls that begin a password reset (E6, E7, E8, E10) have in common: whose password, and how many factors.
package struct ResetRequest: Sendable {
    /// What sort of identifier it is; its raw value is the name of the field.
    package var kind: PasswordAuthenticateOperation.UsernameType
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The reset token of a first factor, where a second one is required.
    package var previousResetToken: Secret?
    /// Whether no second factor is asked for although the application wants one; `nil` leaves the field out.
    package var ignoresMFA: Bool?

    /// A request for a user; the options are set afterwards.
    package init(kind: PasswordAuthenticateOperation.UsernameType, identifier: Secret) {
        self.kind = kind
        self.identifier = identifier
    }

    /// More bytes than the fields take as JSON.
    var size: Int { 256 + 6 * (identifier.count + (previousResetToken?.count ?? 0)) }

    /// Writes the fields that were given.
    func write(to writer: inout JSONWriter) {
        writer.field(kind.rawValue, identifier)
        writer.field("prev_reset_token", previousResetToken)
        writer.field("ignore_mfa", ignoresMFA)
    }

    /// What answers of the current and the older contract mean: 403 an address that is not verified, 404 an unknown user.
    ///
    /// A `prev_reset_token` that is no good counts as nobody to send to: Mosaic looks at the user first, so that an error
    /// would tell who exists to anybody who sends a token of his own making.
    static let refusalRules = SendErrorMapping.Rules(
        plain403: .unverifiedAddress,
        plain404: .unknownUser,
        systemForbidden: .notAllowed,
        invalidResetToken: .invalidResetToken
    )
}
