package import Secrets
package import StrictJSON

/// The request of E18, `POST /v1/auth/link/email/send`, in its identifier form: have a magic link sent to a user.
package struct LinkSendOperation: APIOperation {
    /// What Mosaic tells of a link that is on its way.
    package struct Receipt: Sendable, Hashable {
        /// What the link is bound to, if that was asked for.
        package let requestID: String?
        /// The link itself, if Mosaic gave it; only with ``Channel/direct``.
        package let link: Secret?
        /// The code of the link, if Mosaic gave it; only with ``Channel/direct``.
        package let code: Secret?

        /// A receipt.
        package init(requestID: String? = nil, link: Secret? = nil, code: Secret? = nil) {
            self.requestID = requestID
            self.link = link
            self.code = code
        }
    }

    /// The way that the link goes.
    package enum Channel: String, Sendable, CaseIterable {
        /// A mail.
        case email
        /// Nowhere: the answer may have it.
        case direct
    }

    /// The type of the identifier.
    package var identifierType: String
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The registered URI that receives the code.
    package var redirectURI: String
    /// The way that the link goes; `nil` leaves the field out.
    package var channel: Channel?
    /// What is appended to the redirect.
    package var state: String?
    /// The lifetime of the link in minutes; the application's own without it.
    package var emailExpiration: Int?
    /// The `email_content` object.
    package var emailContent: JSONText?
    /// Whether the link is bound to this request.
    package var generatesRequestID: Bool?
    /// The `client_attributes` object.
    package var clientAttributes: JSONText?
    /// The device that the end user uses.
    package var deviceID: String?

    /// A request with what every request needs; the optional fields are set afterwards.
    package init(identifierType: String, identifier: Secret, redirectURI: String) {
        self.identifierType = identifierType
        self.identifier = identifier
        self.redirectURI = redirectURI
    }

    package static let endpoint = APIEndpoint("link_send", .sending, path: "v1/auth/link/email/send")

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    /// A direct answer tells who exists anyway.
    package var outputWhenLimited: SendDecision<Receipt>? { channel == .direct ? nil : .withheld(.rateLimited) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 512) { writer in
            writer.field("identifier", identifier)
            writer.field("identifier_type", identifierType)
            writer.field("redirect_uri", redirectURI)
            writer.field("state", state)
            writer.field("channel", channel?.rawValue)
            writer.field("email_expiration", emailExpiration)
            writer.field("email_content", emailContent)
            writer.field("generate_request_id", generatesRequestID)
            writer.field("client_attributes", clientAttributes)
            writer.field("device_id", deviceID)
        }
    }

    package var requiredMembers: [RequiredMember] { SendAnswer.requiredMembers(requestID: generatesRequestID == true) }

    /// A receipt without the request ID that was asked for breaks the contract. What a direct answer holds is not
    /// documented: link and code are taken where they are.
    package func output(of response: UpstreamResponse) -> SendDecision<Receipt>? {
        guard let answer = SendAnswer(response.body) else { return nil }
        if generatesRequestID == true, answer.requestID == nil { return nil }
        return .sent(
            Receipt(
                requestID: generatesRequestID == true ? answer.requestID : nil,
                link: channel == .direct ? answer.link : nil,
                code: channel == .direct ? answer.code : nil
            )
        )
    }

    package func output(of refusal: UpstreamError) -> Result<SendDecision<Receipt>, APIFailure> {
        SendErrorMapping.classify(refusal)
    }
}

/// The request of E19, `POST /v1/auth/link/email/authenticate`: log a user in with the code of a magic link.
package struct LinkAuthenticateOperation: APIOperation {
    /// The code from the link's redirect.
    package var code: Secret
    /// The optional fields.
    package var options = AuthenticationOptions()

    /// A request with what every request needs; the options are set afterwards.
    package init(code: Secret) {
        self.code = code
    }

    package static let endpoint = APIEndpoint(
        "link_authenticate",
        .authentication,
        path: "v1/auth/link/email/authenticate"
    )

    package var body: UpstreamRequest.Body? {
        .object(capacity: 512 + 2 * code.count + options.size) { writer in
            writer.field("code", code)
            options.write(to: &writer)
        }
    }

    package var requiredMembers: [RequiredMember] { UserTokens.requiredMembers(withSession: true) }

    package func output(of response: UpstreamResponse) -> AuthenticationDecision? {
        UserTokens(parsing: response.body, requiresSession: true).map { .granted($0) }
    }

    package func output(of refusal: UpstreamError) -> Result<AuthenticationDecision, APIFailure> {
        AuthenticationErrorMapping.classify(refusal, joinsSession: options.sessionID != nil).map { .denied($0) }
    }
}
