package import Secrets
import StrictJSON

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

    package static var endpoint: APIEndpoint { .resetLinkCreate }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetLinkCreate }

    package var target: UpstreamTarget? { UpstreamTarget(request.identifier) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: request.size + 2 * redirectURI.utf8.count) { writer in
            request.write(to: &writer)
            writer.field("redirect_uri", redirectURI)
        }
    }

    package var requiredMembers: [RequiredMember] { [RequiredMember("reset_link", .text)] }

    /// The receipt is the link: whoever has it can set the user's password.
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
