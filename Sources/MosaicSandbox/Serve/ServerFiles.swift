import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS

/// The files that a running sandbox leaves in its state directory, and what stands in them.
struct ServerFiles: Sendable {
    private let host: String
    private let state: StateDirectory
    private let authority: CertificateAuthority?
    private let client: ClientRecord
    private let app: AppRecord
    private let adminToken: String
    private let clock: SandboxClock

    /// Writes `ca.pem` (over https) and `client.secret`.
    init(sandbox: Sandbox, options: SandboxServer.Options) async throws {
        host = options.host
        state = options.state
        client = try await sandbox.client()
        app = try await sandbox.app()
        adminToken = sandbox.adminToken
        clock = sandbox.clock
        authority = options.isSecure ? try CertificateAuthority(store: sandbox.store) : nil
        if let authority {
            try PrivateFile.replace(atPath: state.caFile, with: Data(authority.certificatePEM.utf8), mode: 0o644)
        }
        try PrivateFile.replace(atPath: state.clientSecretFile, with: Data(client.secret.utf8))
    }

    /// The server to build: https with a fresh certificate, or plain http.
    var server: HTTPServerBuilder {
        get throws {
            guard let authority else { return .sandbox(clock: clock) }
            // Any certificate will do for the handshake, which proves that the caller holds its key; which ones a client may
            // show is decided when the request names the client.
            let configuration = TLSChannelConfiguration(
                tlsConfiguration: try authority.serverConfiguration(),
                customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }
            )
            return try .tls(.sandbox(clock: clock), configuration: configuration)
        }
    }

    /// What `sandbox.json` says of a sandbox on that port.
    func description(port: Int) -> SandboxDescription {
        let name = host.contains(":") ? "[\(host)]" : host
        let origin = "\(authority == nil ? "http" : "https")://\(name):\(port)"
        return SandboxDescription(
            baseURL: "\(origin)/cis",
            tokenURL: "\(origin)/oidc/token",
            jwksURL: "\(origin)/cis/oidc/jwks",
            issuer: SandboxIdentity.issuer,
            caFile: authority.map { _ in state.caFile },
            clientID: client.clientID,
            clientSecretFile: state.clientSecretFile,
            appID: app.appID,
            tenantID: app.tenantID,
            adminURL: "\(origin)/_sandbox",
            adminToken: adminToken,
            processID: ProcessInfo.processInfo.processIdentifier
        )
    }
}
