package import AgentProtocol
import MosaicAPI

/// Carries out `preferences.update` by E41.
package struct PreferencesUpdateHandler: MethodHandler {
    package typealias Method = PreferencesUpdate

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PreferencesUpdate.Parameters,
        in context: CallContext
    ) async throws -> Reply<LoginPreferences> {
        let client = try clients.client(of: context)
        let appID = try await client.application(parameters.appID, in: context)
        let methods = LoginMethod.known.compactMap { method in
            parameters.methods[method].map { PreferencesUpdateOperation.Method(name: method.name, settings: $0) }
        }
        let changed = try await client.perform(
            PreferencesUpdateOperation(appID: appID, methods: methods),
            call: context.upstreamCall
        )
        return Reply(LoginPreferences(appID: appID, tolerating: changed.json, omitted: changed.omitted))
    }
}
