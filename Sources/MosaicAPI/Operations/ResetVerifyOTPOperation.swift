package import Secrets

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

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { Channel.verificationURL(at: endpoints) }

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
