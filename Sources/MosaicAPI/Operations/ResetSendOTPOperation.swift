import Secrets
package import StrictJSON

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

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { Channel.sendingURL(at: endpoints) }

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
