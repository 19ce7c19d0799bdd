package import MosaicAPI

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
        /// None usable; fetching one failed, or has only just begun.
        case missing(failure: String?)
        /// Mosaic refuses the client's credential; nothing is fetched until an administrator acts.
        case credentialRejected(failure: String?)
    }

    /// The circuit breaker of the client's calls.
    package typealias Breaker = MosaicClientStatus.BreakerState

    /// The client's name in the configuration.
    package var name: String
    /// Its token.
    package var token: Token
    /// The last call that Mosaic could not decide since the last one that it could.
    package var callFailure: CallFailure?
    /// When a message was last not sent because Mosaic limits its recipient.
    package var withheld: ContinuousClock.Instant?
    /// Its circuit breaker.
    package var breaker: Breaker
    /// Whether its base URL is plain http.
    package var isInsecure: Bool
    /// How it proves itself.
    package var authentication: ClientSettings.AuthenticationMethod
    /// The certificate that it shows, and how long that is still good; nil when it shows none.
    package var certificate: Certificate?

    /// A certificate at one instant.
    package struct Certificate: Sendable, Equatable {
        /// When it is good, and when to warn.
        package var expiry: CertificateExpiry
        /// How long it is still good; negative once it has expired.
        package var remaining: Duration

        /// A certificate at an instant in seconds since 1970.
        package init(_ expiry: CertificateExpiry, at now: Int64) {
            self.expiry = expiry
            self.remaining = expiry.remaining(at: now)
        }
    }

    /// A failed upstream call.
    package struct CallFailure: Sendable, Equatable {
        /// When it failed.
        package var instant: ContinuousClock.Instant
        /// A short text without variable data, such as `upstream_unavailable.connect`.
        package var label: String
        /// What a person can do about it, or nil if waiting is all.
        package var advice: String?

        /// A failed call.
        package init(instant: ContinuousClock.Instant, label: String, advice: String? = nil) {
            self.instant = instant
            self.label = label
            self.advice = advice
        }
    }

    /// A condition; only the name and the token are always known.
    package init(
        name: String,
        token: Token,
        callFailure: CallFailure? = nil,
        withheld: ContinuousClock.Instant? = nil,
        breaker: Breaker = .closed,
        isInsecure: Bool = false,
        authentication: ClientSettings.AuthenticationMethod = .clientSecretPost,
        certificate: Certificate? = nil
    ) {
        self.name = name
        self.token = token
        self.callFailure = callFailure
        self.withheld = withheld
        self.breaker = breaker
        self.isInsecure = isInsecure
        self.authentication = authentication
        self.certificate = certificate
    }

    /// The condition that `client` is in now, which is also given as seconds since 1970.
    package init(of client: ConfiguredClient, now: ContinuousClock.Instant, wallClock: Int64) {
        let service = client.service
        let status = service.status
        self.init(
            name: service.name,
            token: Self.token(status, now: now),
            callFailure: status.callFailure.map {
                CallFailure(instant: now - $0.age, label: $0.label, advice: $0.advice)
            },
            withheld: status.withheldAge.map { now - $0 },
            breaker: status.breaker,
            isInsecure: service.isInsecure,
            authentication: client.authentication,
            certificate: client.certificate.map { Certificate($0, at: wallClock) }
        )
    }

    private static func token(_ status: MosaicClientStatus, now: ContinuousClock.Instant) -> Token {
        let failure = status.tokenFailure?.label
        switch status.token {
        case .none:
            return failure == nil ? .awaited : .missing(failure: failure)
        case .valid:
            let expiry = now + (status.tokenRemaining ?? .zero)
            return failure.map { .refreshFailing(expiry: expiry, failure: $0) } ?? .held(expiry: expiry)
        case .expired:
            return .missing(failure: failure)
        case .credentialRejected:
            return .credentialRejected(failure: failure)
        }
    }
}
