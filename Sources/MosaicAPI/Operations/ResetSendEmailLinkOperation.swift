import Secrets
package import StrictJSON

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

    package static var endpoint: APIEndpoint { .resetEmailLinkSend }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetEmailLinkSend }

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
