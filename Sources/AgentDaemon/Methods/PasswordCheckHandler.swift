package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `password.check` by E14.
package struct PasswordCheckHandler: MethodHandler {
    package typealias Method = PasswordCheck

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordCheck.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordCheck.Result> {
        let client = try clients.client(of: context)
        let assessment = try await client.perform(
            PasswordCheckOperation(
                password: parameters.password,
                user: parameters.user.flatMap(PasswordCheckOperation.User.init)
            ),
            call: context.upstreamCall
        )
        return Reply(
            PasswordCheck.Result(
                validPassword: assessment.isValid,
                errors: assessment.errors.map { PasswordCheck.Result.Problem(code: $0.code, message: $0.message) }
            ),
            reason: assessment.isValid ? nil : "invalid_password"
        )
    }
}

extension PasswordCheckOperation.User {
    /// The user whom the parameters name; the schema allows these three kinds.
    fileprivate init?(_ target: Target) {
        let value = Secret(copying: target.identifier.bytes)
        switch target.kind {
        case .username: self = .username(value)
        case .email: self = .email(value)
        case .phoneNumber: self = .phoneNumber(value)
        default: return nil
        }
    }
}
