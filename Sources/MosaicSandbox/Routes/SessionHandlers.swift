extension Sandbox {
    /// The handlers of sessions, refresh and revocation (contract section 8, E4, E15).
    var sessionHandlers: [any EndpointHandler] {
        [
            SessionAuthenticateRoute(services: services), TokenRefreshRoute(services: services),
            SessionLogoutRoute(services: services), SessionListRoute(services: services),
            SessionRevokeRoute(services: services), UserLogoutRoute(services: services),
            TokenRevokeRoute(services: services),
        ]
    }
}
