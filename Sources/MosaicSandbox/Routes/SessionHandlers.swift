extension Sandbox {
    /// The handlers of sessions, refresh and revocation (contract section 8, E4, E15).
    var sessionHandlers: [any EndpointHandler] {
        [
            AuthenticateSessionRoute(services: services), RefreshTokensRoute(services: services),
            LogoutSessionRoute(services: services), ListSessionsRoute(services: services),
            RevokeSessionsRoute(services: services), LogoutRoute(services: services),
            RevokeTokenRoute(services: services),
        ]
    }
}
