package import AgentProtocol
import MosaicAPI

/// Carries out `password.update` by E29.
package struct PasswordUpdateHandler: MethodHandler {
    package typealias Method = PasswordUpdate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PasswordUpdate.Parameters,
        in context: CallContext
    ) async throws -> Reply<PasswordUpdate.Result> {
        let client = try clients.client(of: context)
        let receipt = try await client.perform(
            PasswordUpdateOperation(
                userID: parameters.userID.bytes,
                password: parameters.password,
                forceReplace: parameters.forceReplace,
                deviceID: parameters.deviceID
            ),
            in: context,
            // Mosaic's code for a missing password says the opposite, so what it means is told by the call.
            conflict: "the user has no password that could be replaced; password.register sets the first one"
        )
        return Reply(PasswordSetResult(message: receipt.message))
    }
}
