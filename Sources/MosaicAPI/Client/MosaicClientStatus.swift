/// A snapshot of one client's health, for status pages and health checks. Contains no secrets.
package struct MosaicClientStatus: Sendable, Hashable {
    /// What can be said about the client's access token.
    package enum TokenState: String, Sendable, CaseIterable {
        /// No token has been fetched yet.
        case none
        /// There is a token and it can be used.
        case valid
        /// There was a token but it has expired, and no new one could be fetched yet.
        case expired
        /// Mosaic's token service refuses the client's credential. Compare the secret with the one at Mosaic, then refresh by hand.
        case credentialRejected = "credential_rejected"
    }

    /// What the circuit breaker of the API calls does.
    package enum BreakerState: String, Sendable, CaseIterable {
        /// Calls pass.
        case closed
        /// Calls are refused without being sent, but for one of each uid per second.
        case open
        /// The same, and such a call is on its way to see whether Mosaic is back.
        case halfOpen = "half_open"
    }

    /// One failure that is remembered.
    package struct RememberedFailure: Sendable, Hashable {
        /// A short text without variable data, see ``APIFailure/label``.
        package let label: String
        /// What a person can do about it, or `nil` if waiting is all.
        package let advice: String?
        /// How long ago it happened.
        package let age: Duration
    }

    /// The token's state.
    package let token: TokenState
    /// How long ago the token was received.
    package let tokenAge: Duration?
    /// How long the token can still be used; never negative.
    package let tokenRemaining: Duration?
    /// Whether a token fetch is under way or waiting for its next try.
    package let isFetching: Bool
    /// The last token fetch that failed since the last one that succeeded.
    package let tokenFailure: RememberedFailure?
    /// How long ago Mosaic last answered a call of this client in a way that shows it works.
    package let lastSuccessAge: Duration?
    /// The last API call that Mosaic could not decide, since the last one that it could.
    package let callFailure: RememberedFailure?
    /// The circuit breaker of the API calls.
    package let breaker: BreakerState
    /// The circuit breakers of all groups of endpoints that were called.
    package var breakers: [APIEndpoint.Group: BreakerState] = [:]
    /// How long ago a message was last not sent because Mosaic limits its recipient, which its caller was not told.
    package var withheldAge: Duration?
}
