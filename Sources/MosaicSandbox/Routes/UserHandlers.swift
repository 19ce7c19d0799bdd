extension Sandbox {
    /// The handlers of users and login preferences (contract sections 9 and 10) besides creation and passwords.
    var userHandlers: [any EndpointHandler] {
        [
            PasswordRegisterOwnRoute(services: services), UserByIdentifierRoute(services: services),
            UserSearchRoute(services: services), UserUpdateRoute(services: services),
            UserAuthenticatorsRoute(services: services), PreferencesGetRoute(services: services),
            PreferencesUpdateRoute(services: services),
        ] + UserByPathRoute.all(services: services)
    }
}
