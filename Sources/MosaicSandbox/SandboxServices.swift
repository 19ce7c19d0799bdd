import Logging

/// What the endpoints work with.
struct SandboxServices: Sendable {
    let store: SandboxStore
    let clock: SandboxClock
    let keys: SigningKeys
    let hasher: PasswordHasher
    let faults: FaultPlan
    let requests: RequestLog
    let settings: SandboxSettings
    let outbox: Outbox
    let start: StartState
    /// The one application of this sandbox.
    let appID: String
    /// The client that `sandbox.json` names.
    let clientID: String

    var verifier: TokenVerifier { TokenVerifier(store: store, keys: keys, clock: clock) }
    var issuer: TokenIssuer { TokenIssuer(store: store, keys: keys, clock: clock) }
    var authenticator: ClientAuthenticator { ClientAuthenticator(store: store, clock: clock) }
    var passwords: PasswordAuthority { PasswordAuthority(store: store, hasher: hasher, clock: clock) }
    var resets: ResetTokens { ResetTokens(store: store, keys: keys, clock: clock) }
    var sessions: SessionStore { SessionStore(store: store, clock: clock) }
    var refreshes: RefreshRotation { RefreshRotation(store: store, clock: clock) }
    var users: UserDirectory { UserDirectory(store: store, hasher: hasher, clock: clock) }
}
