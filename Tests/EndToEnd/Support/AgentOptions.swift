import Foundation

/// What a test wants to be different from the usual configuration of the agent.
struct AgentOptions: Sendable {
    /// Further lines of `[Daemon]`.
    var daemon: [String] = []
    /// Whether the throttle has its default limits, in place of some that no test of other things meets.
    var hasDefaultBudgets = false
    /// Whether it makes a socket for the credentials of units.
    var providesCredentials = false
    /// Further lines of `[Client default]`.
    var client: [String] = []
    /// The access rules, in place of one that allows logins to the caller itself.
    var access: String?
    /// The client's secret, in place of the right one.
    var secretFile: String?
    /// How the client authenticates.
    var authentication = "client_secret_post"
    /// Whether it has a key or certificate, which further lines or service credentials name, in place of a secret.
    var hasSecret = true
    /// Further sections.
    var sections = ""
    /// Where its standard descriptors lead, as the shell writes it (`2>/dev/full`), in place of files.
    var redirection: String?
    /// Names of further clients, which are at Mosaic the same as the client `default`.
    var furtherClients: [String] = []

    /// The text of the configuration file for an agent whose sockets bear `name`.
    func configuration(for sandbox: SandboxFixture.Description, in scratch: Scratch, name: String) -> String {
        """
        [Daemon]
        Socket=\(scratch["\(name).sock"])
        ControlSocket=\(scratch["\(name)-control.sock"])
        \(providesCredentials ? "CredentialSocket=\(scratch["\(name)-credential.sock"])" : "")
        LogLevel=trace
        \(hasDefaultBudgets ? "" : Self.wideBudgets)
        \(daemon.joined(separator: "\n"))

        [Client default]
        \(Self.upstream(sandbox))
        \(hasSecret ? "ClientSecretFile=\(secretFile ?? sandbox.client_secret_file)" : "")
        Authentication=\(authentication)
        \(client.joined(separator: "\n"))

        \(furtherClients.map { furtherClient($0, sandbox) }.joined(separator: "\n\n"))

        \(sections)

        \(access ?? Self.ownLogins)

        """
    }

    private func furtherClient(_ name: String, _ sandbox: SandboxFixture.Description) -> String {
        """
        [Client \(name)]
        \(Self.upstream(sandbox))
        ClientSecretFile=\(sandbox.client_secret_file)
        """
    }

    /// The lines that lead a client to an emulator, all but its secret.
    static func upstream(_ sandbox: SandboxFixture.Description) -> String {
        """
        BaseURL=\(sandbox.base_url)
        TokenURL=\(sandbox.token_url)
        JWKSURL=\(sandbox.jwks_url)
        Issuer=\(sandbox.issuer)
        \(sandbox.ca_file.map { "CAFile=\($0)" } ?? "InsecureHTTP=yes")
        ClientID=\(sandbox.client_id)
        """
    }

    /// Limits of the throttle that only a test of the throttle meets.
    static let wideBudgets = """
        AttemptBudget=1000
        SendInterval=0
        SendBudget=1000
        CallerSendBudget=1000000
        """

    private static let ownLogins = """
        [Access tests]
        Match=uid:\(getuid())
        Clients=default
        Allow=login
        """
}
