/// Says what a refusal of E17 means: a decision about the user, or a failure to decide.
///
/// Before ``AuthenticationErrorMapping``, which holds for everything else, comes the one answer that only passwords get:
///
/// | status | code or message | meaning |
/// |---|---|---|
/// | 403 | a `reset_token`, or message `password_expired` or `temporary_password` | password change required |
enum PasswordErrorMapping {
    /// What a refusal means.
    ///
    /// - Parameters:
    ///   - refusal: The answer. A 401 must have passed ``UnauthorizedClassifier``.
    ///   - joinsSession: Whether the request named a session to join.
    static func classify(
        _ refusal: UpstreamError,
        joinsSession: Bool
    ) -> Result<PasswordAuthenticationResult, APIFailure> {
        if refusal.status == 403, let cause = changeCause(refusal.body) {
            return .success(.passwordChangeRequired(cause, resetToken: refusal.body.resetToken))
        }
        return AuthenticationErrorMapping.classify(refusal, joinsSession: joinsSession).map { .denied($0) }
    }

    private static func changeCause(_ body: ErrorBody) -> PasswordChangeCause? {
        switch body.message {
        case "temporary_password": .temporary
        case "password_expired": .expired
        default: body.resetToken == nil ? nil : .expired
        }
    }
}
