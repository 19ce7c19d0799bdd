package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `reset.send_email_otp` by E8.
package struct ResetSendEmailOTPHandler: MethodHandler {
    package typealias Method = ResetSendEmailOTP

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetSendEmailOTP.Parameters,
        in context: CallContext
    ) async throws -> Reply<SendResult> {
        let user = Target(kind: .email, identifier: parameters.email)
        var request = ResetSendOTPOperation<EmailResetChannel>(try ResetRequest(user, parameters.options))
        request.emailContent = parameters.emailContent?.json
        return try await clients.client(of: context).perform(request, call: context.upstreamCall)
            .uniformReply(in: context) { SendResult(reason: $1) }
    }
}

/// Carries out `reset.verify_email_otp` by E9.
package struct ResetVerifyEmailOTPHandler: MethodHandler {
    package typealias Method = ResetVerifyEmailOTP

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetVerifyEmailOTP.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetFactorResult> {
        let request = ResetVerifyOTPOperation<EmailResetChannel>(
            kind: .email,
            identifier: Secret(parameters.email),
            passcode: parameters.passcode
        )
        return try await clients.client(of: context).perform(request, call: context.upstreamCall).reply(in: context)
    }
}

/// Carries out `reset.send_sms_otp` by E10.
package struct ResetSendSMSOTPHandler: MethodHandler {
    package typealias Method = ResetSendSMSOTP

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetSendSMSOTP.Parameters,
        in context: CallContext
    ) async throws -> Reply<SendResult> {
        let user = Target(kind: .phoneNumber, identifier: parameters.phoneNumber)
        let request = ResetSendOTPOperation<SMSResetChannel>(try ResetRequest(user, parameters.options))
        return try await clients.client(of: context).perform(request, call: context.upstreamCall)
            .uniformReply(in: context) { SendResult(reason: $1) }
    }
}

/// Carries out `reset.verify_sms_otp` by E11.
package struct ResetVerifySMSOTPHandler: MethodHandler {
    package typealias Method = ResetVerifySMSOTP

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetVerifySMSOTP.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetFactorResult> {
        let request = ResetVerifyOTPOperation<SMSResetChannel>(
            kind: .phoneNumber,
            identifier: Secret(parameters.phoneNumber),
            passcode: parameters.passcode
        )
        return try await clients.client(of: context).perform(request, call: context.upstreamCall).reply(in: context)
    }
}

/// Carries out `reset.send_email_link` by E6.
package struct ResetSendEmailLinkHandler: MethodHandler {
    package typealias Method = ResetSendEmailLink

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetSendEmailLink.Parameters,
        in context: CallContext
    ) async throws -> Reply<SendResult> {
        var request = ResetSendEmailLinkOperation(
            try ResetRequest(parameters.user, parameters.options),
            redirectURI: parameters.redirectURI
        )
        request.emailContent = parameters.emailContent?.json
        return try await clients.client(of: context).perform(request, call: context.upstreamCall)
            .uniformReply(in: context) { SendResult(reason: $1) }
    }
}

/// Carries out `reset.create_link` by E7.
package struct ResetCreateLinkHandler: MethodHandler {
    package typealias Method = ResetCreateLink

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetCreateLink.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetCreateLink.Result> {
        let request = ResetCreateLinkOperation(
            try ResetRequest(parameters.user, parameters.options),
            redirectURI: parameters.redirectURI
        )
        let decision = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        let link = try decision.receipt(status: context.upstreamAnswer.status)
        return Reply(ResetCreateLink.Result(resetLink: link), isMemorable: false)
    }
}

/// Carries out `reset.verify_password` by E12.
package struct ResetVerifyPasswordHandler: MethodHandler {
    package typealias Method = ResetVerifyPassword

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetVerifyPassword.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetFactorResult> {
        let client = try clients.configuredClient(of: context)
        let request = ResetVerifyPasswordOperation(
            kind: try .init(parameters.user.kind),
            identifier: Secret(parameters.user.identifier),
            password: parameters.password,
            clientID: client.clientID,
            previousResetToken: parameters.previousResetToken
        )
        return try await client.service.perform(request, call: context.upstreamCall).reply(in: context)
    }
}

/// Carries out `reset.complete` by E13.
package struct ResetCompleteHandler: MethodHandler {
    package typealias Method = ResetComplete

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: ResetComplete.Parameters,
        in context: CallContext
    ) async throws -> Reply<ResetComplete.Result> {
        var request = ResetCompleteOperation(resetToken: parameters.resetToken, newPassword: parameters.newPassword)
        request.redirectURI = parameters.redirectURI
        request.resource = parameters.resource
        request.requireMFA = parameters.requireMFA
        let receipt = try await clients.client(of: context).perform(request, call: context.upstreamCall)
        return Reply(ResetComplete.Result(message: receipt.message, url: receipt.url, email: receipt.email))
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
