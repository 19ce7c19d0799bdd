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
