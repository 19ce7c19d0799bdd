import AgentProtocol
import Secrets
import StrictJSON

/// One of everything, for round trips.
enum Fixtures {
    static func secret(_ text: String) -> Secret { Secret(copying: text.utf8) }

    static let emptyObject = JSONText { writer in
        writer.beginObject()
        writer.endObject()
    }

    static let granted = PasswordAuthenticate.Result.granted(
        .init(
            accessToken: secret("canary"),
            tokenType: "Bearer",
            expiresIn: 3600,
            sessionID: secret("canary"),
            idToken: secret("canary"),
            refreshToken: secret("canary"),
            userID: "u1",
            amr: ["pwd"]
        )
    )

    static let loginResults: [PasswordAuthenticate.Result] = [
        granted,
        .granted(.init(accessToken: secret("a"), tokenType: "Bearer", expiresIn: 1, sessionID: secret("s"))),
        .denied(reason: nil), .denied(reason: "locked"),
        .passwordChangeRequired(cause: .expired, resetToken: nil),
        .passwordChangeRequired(cause: .temporary, resetToken: secret("r")),
    ]

    static let logins: [PasswordAuthenticate.Parameters] = [
        .init(username: "ada", password: secret("p\"\\\n")),
        .init(
            username: "ada@example.com",
            password: secret("é"),
            usernameType: .email,
            sessionID: secret("s"),
            orgID: "o",
            resource: "https://r",
            claims: emptyObject,
            clientAttributes: ClientAttributes(userAgent: "UA", ipAddress: "::1")
        ),
    ]

    static let lastError = DaemonStatus.LastError(kind: .upstreamUnavailable, message: "cannot connect", ageSeconds: 3)

    static let hello = SystemHello.Result(
        server: .init(name: "mosaicd", version: "0.1.0"),
        limits: .init(),
        caller: .init(uid: 1000, gids: [1000, 27], unit: "app.service", rule: "app"),
        rights: [.login, .session],
        clients: ["default"],
        emulated: true
    )

    static var status: DaemonStatus.Result {
        var load = DaemonStatus.LoadStatus()
        load.connections = 2
        load.maximumConnections = 4096
        return DaemonStatus.Result(
            version: "0.1.0",
            pid: 42,
            uptimeSeconds: 7,
            state: "running",
            emulated: false,
            sockets: [.init(name: "main", path: "/run/mosaicd/mosaicd.sock", source: "systemd", connections: 2)],
            load: load,
            clients: [
                .init(
                    name: "default",
                    clientID: "c1",
                    host: "api.eu.transmitsecurity.io",
                    authentication: "client_secret_post",
                    emulated: false,
                    token: .init(state: .retrying, ageSeconds: 3000, expiresInSeconds: 600, lastError: lastError)
                ),
                .init(
                    name: "other",
                    clientID: "c2",
                    host: "127.0.0.1:8443",
                    authentication: "client_secret_basic",
                    emulated: true,
                    token: .init(state: .none),
                    credential: .init(kind: "service_credential", name: "other.secret", differs: false)
                ),
            ],
            audit: .init(sink: "journal", whenFull: "refuse", queued: 1, capacity: 1024, written: 9, dropped: 0),
            counters: ["calls": 10, "verdict.denied": 3],
            configuration: .init(ageSeconds: 5, files: ["/etc/mosaicd/mosaicd.conf"], refusal: "no")
        )
    }

    static let health = DaemonHealth.Result(checks: [
        .init(name: "client.default.token", status: .degraded, message: "the token is being renewed"),
        .init(name: "audit", status: .healthy, message: "records are written"),
    ])

    static let refresh = DaemonRefreshToken.Result(clients: [
        .init(client: "default", refreshed: true, expiresInSeconds: 3600),
        .init(client: "other", refreshed: false, error: lastError),
    ])

    static let reload = DaemonReload.Result(
        reloaded: true,
        problems: [
            .init(file: "/etc/mosaicd/mosaicd.conf", line: 3, message: "look"),
            .init(file: "$X", line: nil, message: "m"),
        ],
        clients: [
            .init(client: "default", change: .kept, credentialFixed: true, rotatedCredential: true),
            .init(client: "gone", change: .removed),
        ],
        restartNeeded: ["Socket"]
    )

    static let rotate = DaemonRotateCredential.Parameters(
        client: "default",
        clientSecret: Secret(copying: "new secret".utf8)
    )

    static let rotated = DaemonRotateCredential.Result(
        client: "default",
        source: .init(kind: "file", name: "/etc/mosaicd/default.secret", differs: true),
        sourceReplaced: false
    )

    static let hash = DaemonTargetHash.Result(
        target: "18962e5e775744f39c214a47936fe87b",
        form: "hashed",
        key: .generated
    )

    static let explanation = PolicyExplain.Result(
        allowed: true,
        reason: "rule storefront allows it",
        rule: "storefront",
        client: "default",
        details: true,
        trustsClientIP: true,
        rules: [
            .init(rule: "admin", matches: false, allows: false, reason: "it is about uid 0"),
            .init(rule: "storefront", matches: true, allows: true, reason: "it allows login"),
        ]
    )

    static let explain = PolicyExplain.Parameters(
        uid: 4_294_967_295,
        gids: [0, 33],
        method: "password.authenticate",
        client: "default",
        target: Target(kind: .email, identifier: "ada@example.com"),
        fieldRights: [.otpDirect]
    )
}
