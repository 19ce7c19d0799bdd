extension MethodRegistry {
    /// Adds the handlers of the methods about login preferences.
    package mutating func registerPreferencesMethods(clients: ClientDirectory) {
        register(PreferencesGetHandler(clients: clients))
        register(PreferencesUpdateHandler(clients: clients))
    }
}
