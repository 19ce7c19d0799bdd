import TestSupport
import Testing

/// One of the ways in which a client proves itself to Mosaic, as configuration of the agent and registration at the emulator.
struct ClientProof: Sendable, CustomTestStringConvertible {
    /// `Authentication=`
    let method: String
    /// The agent's key, and its certificate where it shows one; nil for a client with a secret.
    let identity: TestIdentity?
    /// The options of `mosaic-sandbox client` that register it, with `{NAME}` for the file of that name.
    let registration: [String]
    /// The files that the registration names, by name.
    let registered: [String: String]

    var testDescription: String { ([method] + registration.filter { $0 == "yes" }).joined(separator: ", bound: ") }

    static let secretPost = ClientProof(method: "client_secret_post")
    static let secretBasic = ClientProof(method: "client_secret_basic")

    private init(method: String) {
        self.method = method
        identity = nil
        registration = ["--auth-method", "client_secret_basic"]
        registered = [:]
    }

    /// `private_key_jwt` with a key that is registered under that name.
    static func privateKey(_ identity: TestIdentity, keyID: String = "agent-1") -> ClientProof {
        ClientProof(
            method: "private_key_jwt",
            identity: identity,
            registration: ["--public-key-file", "{key.pub}", "--key-id", keyID],
            registered: ["key.pub": identity.publicKey]
        )
    }

    /// `tls_client_auth` with a certificate of `authority` for that subject.
    static func tls(
        _ identity: TestIdentity,
        authority: TestIdentity,
        subject: String = "CN=agent",
        isBound: Bool = false
    ) -> ClientProof {
        ClientProof(
            method: "tls_client_auth",
            identity: identity,
            registration: [
                "--ca-file", "{authority.pem}", "--subject-dn", subject, "--certificate-bound", isBound ? "yes" : "no",
            ],
            registered: ["authority.pem": authority.certificate]
        )
    }

    /// `self_signed_tls_client_auth`.
    static func selfSigned(_ identity: TestIdentity, isBound: Bool = false) -> ClientProof {
        ClientProof(
            method: "self_signed_tls_client_auth",
            identity: identity,
            registration: ["--certificate-file", "{registered.pem}", "--certificate-bound", isBound ? "yes" : "no"],
            registered: ["registered.pem": identity.certificate]
        )
    }

    private init(method: String, identity: TestIdentity, registration: [String], registered: [String: String]) {
        self.method = method
        self.identity = identity
        self.registration = ["--auth-method", method] + registration
        self.registered = registered
    }

    /// Registers it for the emulator's client, in place of what was registered before.
    func register(at sandbox: SandboxFixture, in scratch: Scratch) async throws {
        var arguments = registration
        for (name, text) in registered {
            let path = try scratch.write(name, text)
            arguments = arguments.map { $0 == "{\(name)}" ? path : $0 }
        }
        try await sandbox.control(["client"] + arguments)
    }

    /// The configuration of an agent that proves itself so, its files written into `scratch`.
    func options(in scratch: Scratch, more: [String] = []) throws -> AgentOptions {
        guard let identity else { return AgentOptions(client: more, authentication: method) }
        var lines = ["ClientKeyFile=\(try scratch.write("agent.key", identity.key))"]
        if method == "private_key_jwt" {
            lines.append("ClientKeyID=agent-1")
        } else {
            lines.append("ClientCertificateFile=\(try scratch.write("agent.crt", identity.certificate))")
        }
        return AgentOptions(client: lines + more, authentication: method, hasSecret: false)
    }
}
