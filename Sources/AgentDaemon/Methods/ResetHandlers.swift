import AgentProtocol
import MosaicAPI
import Secrets

extension MethodRegistry {
    /// Adds the methods about password resets.
    mutating func addResetMethods() {
        // `reset.send_email_otp` by E8.
        on(ResetSendEmailOTP.self) { parameters, context in
            let user = Target(kind: .email, identifier: parameters.email)
            var request = ResetSendOTPOperation<EmailResetChannel>(try ResetRequest(user, parameters.options))
            request.emailContent = parameters.emailContent?.json
            return try await context.perform(request)
                .uniformReply(in: context) { SendResult(reason: $1) }
        }
        // `reset.verify_email_otp` by E9.
        on(ResetVerifyEmailOTP.self) { parameters, context in
            let request = ResetVerifyOTPOperation<EmailResetChannel>(
                kind: .email,
                identifier: Secret(parameters.email),
                passcode: parameters.passcode
            )
            return try await context.perform(request).reply(in: context)
        }
        // `reset.send_sms_otp` by E10.
        on(ResetSendSMSOTP.self) { parameters, context in
            let user = Target(kind: .phoneNumber, identifier: parameters.phoneNumber)
            let request = ResetSendOTPOperation<SMSResetChannel>(try ResetRequest(user, parameters.options))
            return try await context.perform(request)
                .uniformReply(in: context) { SendResult(reason: $1) }
        }
        // `reset.verify_sms_otp` by E11.
        on(ResetVerifySMSOTP.self) { parameters, context in
            let request = ResetVerifyOTPOperation<SMSResetChannel>(
                kind: .phoneNumber,
                identifier: Secret(parameters.phoneNumber),
                passcode: parameters.passcode
            )
            return try await context.perform(request).reply(in: context)
        }
        // `reset.send_email_link` by E6.
        on(ResetSendEmailLink.self) { parameters, context in
            var request = ResetSendEmailLinkOperation(
                try ResetRequest(parameters.user, parameters.options),
                redirectURI: parameters.redirectURI
            )
            request.emailContent = parameters.emailContent?.json
            return try await context.perform(request)
                .uniformReply(in: context) { SendResult(reason: $1) }
        }
        // `reset.create_link` by E7.
        on(ResetCreateLink.self) { parameters, context in
            let request = ResetCreateLinkOperation(
                try ResetRequest(parameters.user, parameters.options),
                redirectURI: parameters.redirectURI
            )
            let decision = try await context.perform(request)
            let link = try decision.receipt(status: context.upstreamAnswer.status)
            return Reply(ResetCreateLink.Result(resetLink: link), isMemorable: false)
        }
        // `reset.verify_password` by E12.
        on(ResetVerifyPassword.self) { parameters, context in
            let client = try context.client
            let request = ResetVerifyPasswordOperation(
                kind: try .init(parameters.user.kind),
                identifier: Secret(parameters.user.identifier),
                password: parameters.password,
                clientID: client.clientID,
                previousResetToken: parameters.previousResetToken
            )
            return try await context.perform(request).reply(in: context)
        }
        // `reset.complete` by E13.
        on(ResetComplete.self) { parameters, context in
            var request = ResetCompleteOperation(resetToken: parameters.resetToken, newPassword: parameters.newPassword)
            request.redirectURI = parameters.redirectURI
            request.resource = parameters.resource
            request.requireMFA = parameters.requireMFA
            let receipt = try await context.perform(request)
            return Reply(ResetComplete.Result(message: receipt.message, url: receipt.url, email: receipt.email))
        }
    }
}

/// What the handlers of password resets share.
extension ResetRequest {
    /// The request that begins a reset for a user.
    ///
    /// - Throws: `internal` for a kind of identifier that resets do not take, which the schema refuses.
    init(_ user: Target, _ options: ResetOptions = ResetOptions()) throws(CallFailure) {
        self.init(kind: try .init(user.kind), identifier: Secret(user.identifier))
        previousResetToken = options.previousResetToken
        ignoresMFA = options.ignoreMFA
    }
}

extension PasswordAuthenticateOperation.UsernameType {
    /// Mosaic's type of that name.
    ///
    /// - Throws: `internal` for a kind that the schema refuses.
    init(_ kind: IdentifierKind) throws(CallFailure) {
        guard let type = Self(rawValue: kind.name) else {
            throw CallFailure(.internal, "no such kind of identifier", outcome: .notSent, reason: "identifier_kind")
        }
        self = type
    }
}

extension ResetDecision {
    /// The answer, with the reason of a denial for the audit record and for those who may know it.
    func reply(in context: CallContext) -> Reply<ResetFactorResult> {
        switch self {
        case .granted(let token):
            Reply(
                .granted(.init(resetToken: token.value, mfaRequired: token.requiresMFA)),
                reason: token.requiresMFA == true ? "mfa_required" : nil
            )
        case .denied(let reason):
            Reply(.denied(reason: context.mayKnowDetails ? reason.rawValue : nil), reason: reason.rawValue)
        }
    }
}
