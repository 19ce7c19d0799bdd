extension MethodRegistry {
    /// Adds what is about password resets.
    mutating func registerResets(clients: ClientDirectory) {
        register(ResetSendEmailLinkHandler(clients: clients))
        register(ResetCreateLinkHandler(clients: clients))
        register(ResetSendEmailOTPHandler(clients: clients))
        register(ResetVerifyEmailOTPHandler(clients: clients))
        register(ResetSendSMSOTPHandler(clients: clients))
        register(ResetVerifySMSOTPHandler(clients: clients))
        register(ResetVerifyPasswordHandler(clients: clients))
        register(ResetCompleteHandler(clients: clients))
    }
}
