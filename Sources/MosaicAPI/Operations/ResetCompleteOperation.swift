package import Secrets
import StrictJSON

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

    package static var endpoint: APIEndpoint { .resetComplete }

    package var authorization: APIAuthorization { .none }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetComplete }

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
