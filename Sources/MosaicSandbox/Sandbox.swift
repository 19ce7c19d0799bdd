import Foundation
import GRDB
import HTTPTypes
package import Hummingbird
package import HummingbirdCore
package import Logging
import Synchronization

/// A stand-in for the Mosaic cloud: its endpoints over a database of its own.
///
/// One tenant with one application and one client, made on the first start. Not to be confused with Mosaic's own sandbox region.
package struct Sandbox: Sendable {
    let services: SandboxServices
    let isSecure: Bool
    let readsClientCertificates: Bool
    /// The secret that the control routes ask for in `X-Sandbox-Token`; new at every start.
    package let adminToken: String

    /// Opens the database and prepares tenant, client and keys.
    ///
    /// - Throws: when the database cannot be opened or is damaged.
    package init(_ configuration: SandboxConfiguration = .init(), clock: SandboxClock = .init()) async throws {
        let store = try SandboxStore(path: configuration.databasePath)
        let (app, client, start) = try store.writeNow { db in
            let (app, stored) = try Tenant.loadOrCreate(db)
            var client = stored
            if let uris = configuration.redirectURIs {
                client.redirectURIs = uris
                try client.update(db)
            }
            let authentication = try ClientAuthenticationRecord.of(client.clientID, db)
            return (app, client, StartState(app: app, client: client, authentication: authentication))
        }
        let keys = try await SigningKeys(store: store, given: configuration.signingKey, now: clock.now)
        services = SandboxServices(
            store: store,
            clock: clock,
            keys: keys,
            hasher: PasswordHasher(cost: configuration.hashCost),
            faults: FaultPlan(),
            requests: RequestLog(),
            settings: SandboxSettings(),
            outbox: Outbox(store: store, bell: OutboxBell()),
            start: start,
            appID: app.appID,
            clientID: client.clientID
        )
        isSecure = configuration.isSecure
        readsClientCertificates = configuration.readsClientCertificates
        adminToken = RandomText.base64URL(byteCount: 32)
    }

    /// The clock that everything in the sandbox expires by.
    package var clock: SandboxClock { services.clock }
    /// The faults in force.
    package var faults: FaultPlan { services.faults }
    /// What reached the sandbox.
    package var requests: RequestLog { services.requests }
    /// Choices where the contract is silent.
    package var settings: SandboxSettings { services.settings }
    /// The database.
    package var store: SandboxStore { services.store }
    /// The application's identifier.
    package var appID: String { services.appID }
    /// The client's identifier.
    package var clientID: String { services.clientID }

    /// The client as it is now, its secret included.
    package func client() async throws -> ClientRecord {
        let clientID = services.clientID
        return try await services.store.read { db in try ClientRecord.find(db, key: clientID) }
    }

    /// The application as it is now.
    package func app() async throws -> AppRecord {
        let appID = services.appID
        return try await services.store.read { db in try db.app(appID) }
    }

    /// The handlers of all endpoints.
    private var handlers: [any EndpointHandler] {
        [
            TokenRoute(services: services), KeysRoute(services: services), DiscoveryRoute(),
            PasswordAuthenticateRoute(services: services), UserCreateRoute(services: services),
            LinkSendRoute(services: services), LinkAuthenticateRoute(services: services),
            OTPSendRoute(services: services), OTPAuthenticateRoute(services: services),
            ResetSendEmailLinkRoute(services: services), ResetCreateLinkRoute(services: services),
            ResetSendEmailOTPRoute(services: services), ResetSendSMSOTPRoute(services: services),
            ResetVerifyOTPRoute(endpoint: .validateResetMail, services: services),
            ResetVerifyOTPRoute(endpoint: .validateResetSMS, services: services),
            PasswordCheckRoute(services: services), PasswordLoginRoute(services: services),
            CodeExchangeRoute(services: services),
            ResetVerifyPasswordRoute(services: services), ResetCompleteRoute(services: services),
            PasswordRegisterRoute(services: services), PasswordUpdateRoute(services: services),
        ] + userHandlers + sessionHandlers
    }

    /// The routes: all endpoints, the control routes, and JSON for whatever matches neither.
    package func router() -> Router<SandboxRequestContext> {
        let router = Router(context: SandboxRequestContext.self)
        router.add(middleware: AccessLog())
        router.add(middleware: LocalHostCheck())
        router.add(middleware: UnmatchedRoutes(requests: services.requests, clock: services.clock))
        for handler in handlers {
            for path in handler.endpoint.paths {
                let pipeline = EndpointPipeline(
                    handler: handler,
                    path: PathTemplate(path),
                    services: services,
                    isSecure: isSecure,
                    readsClientCertificates: readsClientCertificates
                )
                router.on(RouterPath(path), method: handler.endpoint.method) { request, context in
                    try await pipeline.respond(to: request, context: context)
                }
            }
        }
        FollowLink(services: services).add(to: router)
        OutboxPage.add(to: router)
        ControlRoutes(services: services, adminToken: adminToken).add(to: router)
        return router
    }

    /// The application to serve or to test.
    package func application(
        server: HTTPServerBuilder? = nil,
        configuration: ApplicationConfiguration = .init(),
        logger: Logger,
        onServerRunning: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> Application<RouterResponder<SandboxRequestContext>> {
        Application(
            router: router(),
            server: server ?? .sandbox(clock: clock),
            configuration: configuration,
            onServerRunning: { channel in await onServerRunning(channel.localAddress?.port ?? 0) },
            logger: logger
        )
    }
}

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

/// How a sandbox is set up.
package struct SandboxConfiguration: Sendable {
    /// File of the database; nil keeps everything in memory, gone when the sandbox stops.
    package var databasePath: String?
    /// Cost of password hashes.
    package var hashCost = PasswordHasher.Cost.standard
    /// PEM of the RSA key to sign tokens with when the database has none; nil makes one. Making one takes a while, so tests
    /// share one.
    package var signingKey: String?
    /// The client's redirect URIs in place of those it has; nil leaves them.
    package var redirectURIs: [String]?
    /// Whether the server speaks https; addresses in answers are made with it.
    package var isSecure = true
    /// Whether connections are TLS and may carry client certificates; false where requests come without connection.
    package var readsClientCertificates = false

    /// In memory, https, standard cost.
    package init() {}
}

/// Choices where the contract is silent, changeable while the sandbox runs.
package final class SandboxSettings: Sendable {
    /// How E17 refuses a wrong password or an unknown user; no source documents it.
    package enum WrongPasswordShape: String, Sendable, Codable, CaseIterable {
        /// 401 with `error_code` `auth_invalid_credentials` (shape D).
        case symbolic
        /// 400 with `error_code` `auth_invalid_credentials` (shape D), as E21 documents it.
        case symbolic400 = "symbolic_400"
        /// 401 with neither a symbolic code nor `WWW-Authenticate`.
        case bare
        /// 401 without any body.
        case empty
    }

    private let shape = Mutex(WrongPasswordShape.symbolic)

    package init() {}

    /// How E17 refuses a wrong password or an unknown user.
    package var wrongPasswordShape: WrongPasswordShape {
        get { shape.withLock { $0 } }
        set { shape.withLock { $0 = newValue } }
    }

    /// The refusal in the present shape.
    var wrongPasswordReply: Reply {
        switch wrongPasswordShape {
        case .symbolic: Reply(.symbolic(401, .authInvalidCredentials))
        case .symbolic400: Reply(.symbolic(400, .authInvalidCredentials))
        case .bare: Reply(.bareUnauthorized)
        case .empty: Reply(status: 401, body: nil)
        }
    }
}
