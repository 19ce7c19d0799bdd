import AgentProtocol
import MosaicAPI

extension MethodRegistry {
    /// Adds the methods about login preferences.
    mutating func addPreferencesMethods() {
        // `preferences.get` by E40.
        on(PreferencesGet.self) { parameters, context in
            let appID = try await context.client.service.application(parameters.appID, in: context)
            let methods = try await context.perform(PreferencesGetOperation(appID: appID))
            return Reply(LoginPreferences(appID: appID, tolerating: methods.json, omitted: methods.omitted))
        }
        // `preferences.update` by E41.
        on(PreferencesUpdate.self) { parameters, context in
            let appID = try await context.client.service.application(parameters.appID, in: context)
            let methods = LoginMethod.known.compactMap { method in
                parameters.methods[method].map { PreferencesUpdateOperation.Method(name: method.name, settings: $0) }
            }
            let changed = try await context.perform(
                PreferencesUpdateOperation(appID: appID, methods: methods)
            )
            return Reply(LoginPreferences(appID: appID, tolerating: changed.json, omitted: changed.omitted))
        }
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
