package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `password.register` by E28.
package struct PasswordRegisterHandler: MethodHandler {
    package typealias Method = PasswordRegister

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordRegister.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordRegister.Result> {
        let client = try clients.client(of: context)
        var registration = PasswordRegisterOperation(
            userID: parameters.userID.bytes,
            password: parameters.password,
            forceReplace: parameters.forceReplace
        )
        registration.username = parameters.username.map { Secret(copying: $0.bytes) }
        registration.enforceComplexity = parameters.enforceComplexity
        registration.deviceID = parameters.deviceID
        let receipt = try await client.perform(
            registration,
            in: context,
            conflict: "the user has a password already; password.update replaces it"
        )
        return Reply(PasswordSetResult(message: receipt.message))
    }
}
