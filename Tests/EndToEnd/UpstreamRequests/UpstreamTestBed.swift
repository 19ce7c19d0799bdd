import Foundation

/// A real agent whose Mosaic is a recorder.
struct UpstreamTestBed: Sendable {
    let scratch: Scratch
    let mosaic: MosaicRecorder
    let agent: AgentFixture

    /// What the agent is configured with; some of it only an encoding can carry.
    struct Client: Sendable {
        var id = "client-1.example"
        var secret = "the secret of the client"
        var authentication = "client_secret_post"
    }

    /// Starts both, runs `body` and ends both, whichever way `body` ends.
    ///
    /// The caller may do everything, and uniform answers are not held back.
    ///
    /// - Parameter tokenAnswer: How the recorder answers client token requests, if not with tokens. The agent makes the
    ///   first one as soon as it runs.
    static func with(
        _ client: Client = Client(),
        tokenAnswer: MosaicRecorder.Step? = nil,
        _ body: (UpstreamTestBed) async throws -> Void
    ) async throws {
        try await Scratch.with { scratch in
            let mosaic = MosaicRecorder()
            if let tokenAnswer { mosaic.answerTokenRequests(tokenAnswer) }
            try await mosaic.run { port in
                let origin = "http://127.0.0.1:\(port)"
                let description = SandboxFixture.Description(
                    base_url: "\(origin)/cis",
                    token_url: "\(origin)/oidc/token",
                    jwks_url: "\(origin)/cis/oidc/jwks",
                    issuer: "https://issuer.example",
                    ca_file: nil,
                    client_id: client.id,
                    client_secret_file: try scratch.write("client.secret", client.secret),
                    app_id: "app-1"
                )
                let agent = try await AgentFixture.start(
                    for: description,
                    in: scratch,
                    options: AgentOptions(
                        daemon: ["ReleaseGrid=0", "ReleaseJitter=0"],
                        access: everything,
                        authentication: client.authentication
                    )
                )
                defer { agent.process.killNow() }
                try await body(UpstreamTestBed(scratch: scratch, mosaic: mosaic, agent: agent))
            }
        }
    }

    private static let everything = """
        [Access tests]
        Match=uid:\(getuid())
        Clients=default
        Allow=* users credentials session-admin preferences client-token otp-direct otp-redirect link-direct \
        reset-direct reset-ignore-mfa mail-content
        Details=yes
        """
}
