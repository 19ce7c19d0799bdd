extension MethodRegistry {
    /// Adds what is about sessions, tokens and logins through the browser.
    mutating func registerSessions(clients: ClientDirectory) {
        register(PasswordLoginHandler(clients: clients))
        register(CodeExchangeHandler(clients: clients))
        register(SessionAuthenticateHandler(clients: clients))
        register(SessionLogoutHandler(clients: clients))
        register(UserLogoutHandler(clients: clients))
        register(SessionListHandler(clients: clients))
        register(SessionRevokeHandler(clients: clients))
        register(TokenRefreshHandler(clients: clients))
        register(TokenRevokeHandler(clients: clients))
        register(TokenVerifyHandler(clients: clients))
        register(ClientTokenGetHandler(clients: clients))
    }
}
