package import AgentProtocol
import MosaicAPI
import Secrets

/// Carries out `password.register_own` by E30.
package struct PasswordRegisterOwnHandler: MethodHandler {
    package typealias Method = PasswordRegisterOwn

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordRegisterOwn.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordRegisterOwn.Result> {
        let client = try clients.client(of: context)
        var registration = PasswordRegisterOwnOperation(
            userToken: parameters.accessToken,
            password: parameters.password
        )
        registration.username = parameters.username.map { Secret(copying: $0.bytes) }
        registration.deviceID = parameters.deviceID
        let receipt = try await client.perform(
            registration,
            in: context,
            conflict: "Mosaic does not let the user set a first password; most likely there is one already"
        )
        return Reply(PasswordSetResult(message: receipt.message))
    }
}
