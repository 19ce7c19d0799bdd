/// What Mosaic decided about a code or a link. That it could not be asked is an ``APIFailure`` instead.
package enum AuthenticationDecision: Sendable {
    /// It is right.
    case granted(UserTokens)
    /// The login is refused.
    case denied(DenialReason)
}
