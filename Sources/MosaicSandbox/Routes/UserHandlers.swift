extension Sandbox {
    /// The handlers of users and login preferences (contract sections 9 and 10) besides creation and passwords.
    var userHandlers: [any EndpointHandler] {
        [
            RegisterPasswordRoute(services: services), UserByIdentifierRoute(services: services),
            SearchUsersRoute(services: services), UpdateUserRoute(services: services),
            ListAuthenticatorsRoute(services: services), LoginPreferencesRoute(services: services),
            UpdateAuthMethodsRoute(services: services),
        ] + UserByPathRoute.all(services: services)
    }
}
