/// What became of a message that Mosaic was to send to a user. That it could not be asked is an ``APIFailure`` instead.
package enum SendDecision<Receipt: Sendable>: Sendable {
    /// It is on its way.
    case sent(Receipt)
    /// There is nobody to send it to, which an uninvited caller must not learn.
    case withheld(WithholdingReason)
}

/// Why Mosaic sent nothing. Only callers allowed to know and the journal may see it.
package enum WithholdingReason: String, Sendable, Hashable, CaseIterable {
    /// There is no such user in the application.
    case unknownUser = "unknown_user"
    /// There is no such user, and the application does not let new ones sign up.
    case signupClosed = "signup_closed"
    /// The user is disabled.
    case notActive = "not_active"
    /// The user has failed too often and is locked for a while.
    case locked
    /// The user has no address of the kind that the channel needs.
    case noAddress = "no_address"
    /// The user's address is not verified.
    case unverifiedAddress = "unverified_address"
    /// The reset token of the first factor is no good, which Mosaic only says of users who exist.
    case invalidResetToken = "invalid_reset_token"
    /// Mosaic takes no more messages to this user for a while (429), which it says only of users who exist.
    case rateLimited = "rate_limited"
    /// Mosaic does not allow it for this user and does not say why.
    case notAllowed = "not_allowed"
}
