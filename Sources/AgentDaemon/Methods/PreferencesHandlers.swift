package import AgentProtocol
import MosaicAPI

/// Carries out `preferences.get` by E40.
package struct PreferencesGetHandler: MethodHandler {
    package typealias Method = PreferencesGet

    private let clients: ClientDirectory

    /// A handler that acts as one of these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: PreferencesGet.Parameters,
        in context: CallContext
    ) async throws -> Reply<LoginPreferences> {
        let client = try clients.client(of: context)
        let appID = try await client.application(parameters.appID, in: context)
        let methods = try await client.perform(PreferencesGetOperation(appID: appID), call: context.upstreamCall)
        return Reply(LoginPreferences(appID: appID, tolerating: methods.json, omitted: methods.omitted))
    }
}

extension MosaicService {
    /// The application that the caller names, or else the client's own.
    ///
    /// - Throws: ``CallFailure`` about `app_id` when the client's token does not say what its own is.
    func application(_ named: String?, in context: CallContext) async throws -> String {
        if let named { return named }
        if let own = try await applicationID(deadline: context.call.deadline) { return own }
        throw CallFailure(
            .invalidParams,
            "app_id is missing, and the client's access token does not say which application is its own",
            outcome: .notSent,
            parameter: "app_id"
        )
    }
}

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
