/// What health needs to know about one configured client, taken down at one instant.
package struct ClientCondition: Sendable, Equatable {
    /// The state of the client's access token.
    package enum Token: Sendable, Equatable {
        /// None was fetched yet and nothing has failed: the agent has just started.
        case awaited
        /// Held, usable until `expiry`.
        case held(expiry: ContinuousClock.Instant)
        /// Held and usable until `expiry`, but fetching its successor failed.
        case refreshFailing(expiry: ContinuousClock.Instant, failure: String)
        /// None usable, and fetching one failed.
        case missing(failure: String)
        /// Mosaic refuses the client's credential; nothing is fetched until somebody acts.
        case credentialRejected(failure: String)
    }

    /// The client's name in the configuration.
    package var name: String
    /// Its token.
    package var token: Token
    /// When Mosaic last answered one of its calls as the contract says.
    package var lastSuccess: ContinuousClock.Instant?
    /// When one of its calls last failed for a reason that is not the caller's, and that reason.
    package var lastFailure: Failure?
    /// Whether its base URL is plain http.
    package var isInsecure: Bool
    /// Whether it talks to the sandbox.
    package var isEmulated: Bool

    /// A failed upstream call.
    package struct Failure: Sendable, Equatable {
        /// When it failed.
        package var instant: ContinuousClock.Instant
        /// Its kind as errors on the socket name it, for example `upstream_unavailable`.
        package var kind: String

        /// A failed call.
        package init(instant: ContinuousClock.Instant, kind: String) {
            self.instant = instant
            self.kind = kind
        }
    }

    /// A condition; only the name and the token are always known.
    package init(
        name: String,
        token: Token,
        lastSuccess: ContinuousClock.Instant? = nil,
        lastFailure: Failure? = nil,
        isInsecure: Bool = false,
        isEmulated: Bool = false
    ) {
        self.name = name
        self.token = token
        self.lastSuccess = lastSuccess
        self.lastFailure = lastFailure
        self.isInsecure = isInsecure
        self.isEmulated = isEmulated
    }
}
