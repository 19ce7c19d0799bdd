package import Secrets
package import StrictJSON

/// The request of E20, `POST /v1/auth/otp/send`: have a one-time code sent to a user.
package struct OTPSendOperation: APIOperation {
    /// What Mosaic tells of a code that is on its way.
    package struct Receipt: Sendable, Hashable {
        /// What the code is bound to, if that was asked for.
        package let requestID: String?
        /// The code itself, only with ``Channel/direct``.
        package let code: Secret?

        /// A receipt.
        package init(requestID: String? = nil, code: Secret? = nil) {
            self.requestID = requestID
            self.code = code
        }
    }

    /// The way that the code goes.
    package enum Channel: String, Sendable, CaseIterable {
        /// A text message.
        case sms
        /// A mail.
        case email
        /// Nowhere: the answer has it.
        case direct
    }

    /// The way that the code goes.
    package var channel: Channel
    /// The type of the identifier.
    package var identifierType: String
    /// The identifier, in UTF-8. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The lifetime of the code in minutes; the application's own without it.
    package var expiresIn: Int?
    /// Whether the code is bound to this request.
    package var generatesRequestID: Bool?
    /// The `approval_data` object, forwarded as it was written.
    package var approvalData: JSONText?
    /// Another mail address than the user's own.
    package var customEmail: Secret?
    /// Another phone number than the user's own.
    package var customPhoneNumber: Secret?
    /// The `email_content` object.
    package var emailContent: JSONText?
    /// The `custom_sms_input` object.
    package var customSMSInput: JSONText?
    /// The `client_attributes` object.
    package var clientAttributes: JSONText?
    /// The device that the end user uses.
    package var deviceID: String?

    /// A request with what every request needs; the optional fields are set afterwards.
    package init(channel: Channel, identifierType: String, identifier: Secret) {
        self.channel = channel
        self.identifierType = identifierType
        self.identifier = identifier
    }

    package static let endpoint = APIEndpoint("otp_send", .sending, path: "v1/auth/otp/send")

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    /// A direct answer tells who exists anyway.
    package var outputWhenLimited: SendDecision<Receipt>? { channel == .direct ? nil : .withheld(.rateLimited) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 256) { writer in
            writer.field("channel", channel.rawValue)
            writer.field("identifier_type", identifierType)
            writer.field("identifier", identifier)
            writer.field("expires_in", expiresIn)
            writer.field("generate_request_id", generatesRequestID)
            writer.field("approval_data", approvalData)
            writer.field("custom_email", customEmail)
            writer.field("custom_phone_number", customPhoneNumber)
            writer.field("email_content", emailContent)
            writer.field("custom_sms_input", customSMSInput)
            writer.field("client_attributes", clientAttributes)
            writer.field("device_id", deviceID)
        }
    }

    package var requiredMembers: [RequiredMember] {
        SendAnswer.requiredMembers(requestID: generatesRequestID == true, code: channel == .direct)
    }

    /// A receipt without what was asked for breaks the contract: a code that is bound to an unknown request is useless.
    package func output(of response: UpstreamResponse) -> SendDecision<Receipt>? {
        guard let answer = SendAnswer(response.body) else { return nil }
        if channel == .direct, answer.code == nil { return nil }
        if generatesRequestID == true, answer.requestID == nil { return nil }
        return .sent(
            Receipt(
                requestID: generatesRequestID == true ? answer.requestID : nil,
                code: channel == .direct ? answer.code : nil
            )
        )
    }

    package func output(of refusal: UpstreamError) -> Result<SendDecision<Receipt>, APIFailure> {
        SendErrorMapping.classify(refusal)
    }
}

/// The request of E21, `POST /v1/auth/otp/authenticate`: log a user in with a one-time code.
package struct OTPAuthenticateOperation: APIOperation {
    /// The code as the user typed it, with its leading zeros.
    package var passcode: Secret
    /// The type of the identifier, as it was sent.
    package var identifierType: String
    /// The identifier, as it was sent. Kept as a secret since it names a person.
    package var identifier: Secret
    /// The optional fields.
    package var options = AuthenticationOptions()

    /// A request with what every request needs; the options are set afterwards.
    package init(passcode: Secret, identifierType: String, identifier: Secret) {
        self.passcode = passcode
        self.identifierType = identifierType
        self.identifier = identifier
    }

    package static let endpoint = APIEndpoint("otp_authenticate", .authentication, path: "v1/auth/otp/authenticate")

    package var target: UpstreamTarget? { UpstreamTarget(identifier) }

    package var body: UpstreamRequest.Body? {
        .object(capacity: 512 + 2 * (passcode.count + identifier.count) + options.size) { writer in
            writer.field("passcode", passcode)
            writer.field("identifier_type", identifierType)
            writer.field("identifier", identifier)
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
