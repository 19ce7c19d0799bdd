package import Secrets
package import StrictJSON

/// The way by which the one-time code of a password reset goes to a user.
package protocol ResetChannel: Sendable {
    /// The endpoint that sends.
    static var sending: APIEndpoint { get }
    /// The endpoint that checks.
    static var verification: APIEndpoint { get }
}

/// By mail: E8 and E9.
package enum EmailResetChannel: ResetChannel {
    package static let sending = APIEndpoint(
        "reset_email_code_send",
        .sending,
        path: "v1/auth/password/reset/email/otp"
    )
    package static let verification = APIEndpoint(
        "reset_email_code_verify",
        .resets,
        path: "v1/auth/password/reset/email/otp/validate"
    )
}

/// By text message: E10 and E11.
package enum SMSResetChannel: ResetChannel {
    package static let sending = APIEndpoint("reset_sms_code_send", .sending, path: "v1/auth/password/reset/sms/otp")
    package static let verification = APIEndpoint(
        "reset_sms_code_verify",
        .resets,
        path: "v1/auth/password/reset/sms/otp/validate"
    )
}

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
    /// A `prev_reset_token` that is no good counts as no user to send to: Mosaic looks at the user first, so that an error
    /// would tell who exists to anybody who sends a token of his own making.
    static let refusalRules = SendErrorMapping.Rules(
        plain403: .unverifiedAddress,
        plain404: .unknownUser,
        systemForbidden: .notAllowed,
        invalidResetToken: .invalidResetToken
    )
}

/// The request of E6, `POST /v1/auth/password/reset/email/link`: have a link mailed with which a user can choose a new
/// password.
package struct ResetSendEmailLinkOperation: APIOperation {
    /// Whose password, named by email address or user name.
    package var request: ResetRequest
    /// The registered URI that receives the reset token as `code`.
    package var redirectURI: String
    /// The `email_content` object.
    package var emailContent: JSONText?

    /// A request without texts of its own.
    package init(_ request: ResetRequest, redirectURI: String) {
        self.request = request
        self.redirectURI = redirectURI
    }

    package static let endpoint = APIEndpoint(
        "reset_email_link_send",
        .sending,
        path: "v1/auth/password/reset/email/link"
    )

    package var target: UpstreamTarget? { UpstreamTarget(request.identifier) }

    package var outputWhenLimited: SendDecision<Void>? { .withheld(.rateLimited) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: request.size + 2 * redirectURI.utf8.count + (emailContent?.bytes.count ?? 0)) { writer in
            request.write(to: &writer)
            writer.field("redirect_uri", redirectURI)
            writer.field("email_content", emailContent)
        }
    }

    package var requiredMembers: [RequiredMember] { SendAnswer.requiredMembers() }

    package func output(of response: UpstreamResponse) -> SendDecision<Void>? {
        SendAnswer(response.body).map { _ in .sent(()) }
    }

    package func output(of refusal: UpstreamError) -> Result<SendDecision<Void>, APIFailure> {
        SendErrorMapping.classify(refusal, rules: ResetRequest.refusalRules)
    }
}

/// The requests of E8, `POST /v1/auth/password/reset/email/otp`, and E10, `POST /v1/auth/password/reset/sms/otp`: have a
/// one-time code sent with which a user can choose a new password.
package struct ResetSendOTPOperation<Channel: ResetChannel>: APIOperation {
    /// Whose password, named by the address that the code goes to.
    package var request: ResetRequest
    /// The `email_content` object; of mails only.
    package var emailContent: JSONText?

    /// A request without texts of its own.
    package init(_ request: ResetRequest) {
        self.request = request
    }

    package static var endpoint: APIEndpoint { Channel.sending }

    package var target: UpstreamTarget? { UpstreamTarget(request.identifier) }

    package var outputWhenLimited: SendDecision<Void>? { .withheld(.rateLimited) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: request.size + (emailContent?.bytes.count ?? 0)) { writer in
            request.write(to: &writer)
            writer.field("email_content", emailContent)
        }
    }

    package var requiredMembers: [RequiredMember] { SendAnswer.requiredMembers() }

    package func output(of response: UpstreamResponse) -> SendDecision<Void>? {
        SendAnswer(response.body).map { _ in .sent(()) }
    }

    package func output(of refusal: UpstreamError) -> Result<SendDecision<Void>, APIFailure> {
        SendErrorMapping.classify(refusal, rules: ResetRequest.refusalRules)
    }
}

/// The requests of E9, `POST /v1/auth/password/reset/email/otp/validate`, and E11,
/// `POST /v1/auth/password/reset/sms/otp/validate`: whether a one-time code is the one that was sent.
package struct ResetVerifyOTPOperation<Channel: ResetChannel>: APIOperation {
    /// What sort of identifier it is; its raw value is the name of the field.
    package var kind: PasswordAuthenticateOperation.UsernameType
    /// The address as the code was sent to. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The code as the user typed it, with its leading zeros.
    package var passcode: Secret

    /// A request.
    package init(kind: PasswordAuthenticateOperation.UsernameType, identifier: Secret, passcode: Secret) {
        self.kind = kind
        self.identifier = identifier
        self.passcode = passcode
    }

    package static var endpoint: APIEndpoint { Channel.verification }

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 128 + 6 * (identifier.count + passcode.count)) { writer in
            writer.field(kind.rawValue, identifier)
            writer.field("passcode", passcode)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result", .text)] }

    package func output(of response: UpstreamResponse) -> ResetDecision? {
        ResetToken(parsing: response.body).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<ResetDecision, APIFailure> {
        ResetErrorMapping.classify(refusal, of: .code)
    }
}

/// The request of E12, `POST /v1/auth/password/reset/password/validate`: whether the user knows the current password and
/// may therefore choose another.
///
/// It goes without a bearer token.
package struct ResetVerifyPasswordOperation: APIOperation {
    /// What sort of identifier it is; its raw value is the name of the field.
    package var kind: PasswordAuthenticateOperation.UsernameType
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The current password, in UTF-8.
    package var password: Secret
    /// The client on whose application the password is changed.
    package var clientID: String
    /// The reset token of a first factor, where a second one is required.
    package var previousResetToken: Secret?

    /// A request with what every request needs.
    package init(
        kind: PasswordAuthenticateOperation.UsernameType,
        identifier: Secret,
        password: Secret,
        clientID: String,
        previousResetToken: Secret? = nil
    ) {
        self.kind = kind
        self.identifier = identifier
        self.password = password
        self.clientID = clientID
        self.previousResetToken = previousResetToken
    }

    package static let endpoint = APIEndpoint(
        "reset_password_verify",
        .resets,
        path: "v1/auth/password/reset/password/validate"
    )

    package var authorization: APIAuthorization { .none }

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        let secrets = identifier.count + password.count + (previousResetToken?.count ?? 0)
        return .object(capacity: 256 + 2 * clientID.utf8.count + 6 * secrets) { writer in
            writer.field(kind.rawValue, identifier)
            writer.field("password", password)
            writer.field("client_id", clientID)
            writer.field("prev_reset_token", previousResetToken)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("result", .text)] }

    package func output(of response: UpstreamResponse) -> ResetDecision? {
        ResetToken(parsing: response.body).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<ResetDecision, APIFailure> {
        ResetErrorMapping.classify(refusal, of: .password)
    }
}

/// The request of E7, `POST /v1/auth/password/reset/link`: get the link that E6 would mail.
package struct ResetCreateLinkOperation: APIOperation {
    /// Whose password, named by email address or user name.
    package var request: ResetRequest
    /// The registered URI that receives the reset token as `code`.
    package var redirectURI: String

    /// A request.
    package init(_ request: ResetRequest, redirectURI: String) {
        self.request = request
        self.redirectURI = redirectURI
    }

    package static let endpoint = APIEndpoint("reset_link_create", .resets, path: "v1/auth/password/reset/link")

    package var target: UpstreamTarget? { UpstreamTarget(request.identifier) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: request.size + 2 * redirectURI.utf8.count) { writer in
            request.write(to: &writer)
            writer.field("redirect_uri", redirectURI)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("reset_link", .text)] }

    /// The receipt is the link: its holder can set the user's password.
    package func output(of response: UpstreamResponse) -> SendDecision<Secret>? {
        guard let root = UpstreamJSON.root(of: response.body),
            let link = root["reset_link"]?.secret, !link.isEmpty
        else { return nil }
        return .sent(link)
    }

    package func output(of refusal: UpstreamError) -> Result<SendDecision<Secret>, APIFailure> {
        SendErrorMapping.classify(refusal, rules: Self.refusalRules)
    }

    /// Who may have the link may know who exists.
    private static let refusalRules: SendErrorMapping.Rules = {
        var rules = ResetRequest.refusalRules
        rules.invalidResetToken = nil
        return rules
    }()
}

/// The request of E13, `POST /v1/auth/password/reset`: set a new password.
///
/// The reset token in the body is all the authorization there is.
package struct ResetCompleteOperation: APIOperation {
    /// What Mosaic tells of a password that has been set.
    package struct Receipt: Sendable, Hashable {
        /// Mosaic's message for people.
        package let message: String?
        /// Where a login goes on, if one was asked for. It carries the login, so it is kept as a secret.
        package let url: Secret?
        /// The address to which Mosaic mails that the password was changed.
        package let email: String?

        /// A receipt; all of it is optional.
        package init(message: String? = nil, url: Secret? = nil, email: String? = nil) {
            self.message = message
            self.url = url
            self.email = email
        }
    }

    /// The right to set the password.
    package var resetToken: Secret
    /// The new password, in UTF-8.
    package var newPassword: Secret
    /// The registered URI where the user is to be logged in afterwards.
    package var redirectURI: String?
    /// The resource URI for that login.
    package var resource: String?
    /// Whether that login takes a second factor; `nil` leaves the field out.
    package var requireMFA: Bool?

    /// A request with what every request needs; the options are set afterwards.
    package init(resetToken: Secret, newPassword: Secret) {
        self.resetToken = resetToken
        self.newPassword = newPassword
    }

    package static let endpoint = APIEndpoint("reset_complete", .resets, path: "v1/auth/password/reset")

    package var authorization: APIAuthorization { .none }

    package var body: UpstreamRequest.Body? {
        let texts = (redirectURI?.utf8.count ?? 0) + (resource?.utf8.count ?? 0)
        return .object(capacity: 256 + 2 * texts + 6 * (resetToken.count + newPassword.count)) { writer in
            writer.field("reset_token", resetToken)
            writer.field("new_password", newPassword)
            writer.field("redirect_uri", redirectURI)
            writer.field("resource", resource)
            writer.field("require_mfa", requireMFA)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("", .object)] }

    package func output(of response: UpstreamResponse) -> Receipt? {
        guard let root = UpstreamJSON.object(of: response.body) else { return nil }
        return Receipt(
            message: root["message"]?.string,
            url: root["url"]?.secret.flatMap { $0.isEmpty ? nil : $0 },
            email: root["email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        )
    }

    package func output(of refusal: UpstreamError) -> Result<Receipt, APIFailure> {
        .failure(ResetCompleteErrorMapping.failure(refusal))
    }
}
