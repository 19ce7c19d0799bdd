import AgentClient
import AgentProtocol
import ArgumentParser
import ConfigurationFiles
import Linux
import Secrets
import StrictJSON
import Systemd

/// `mosaicctl credential`
struct CredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Look after what the agent's clients prove themselves with.",
        subcommands: [CredentialRotateCommand.self]
    )

    @OptionGroup var global: GlobalOptions

    func run() throws { throw ValidationError("a command is missing: rotate") }
}

/// `mosaicctl credential rotate`
struct CredentialRotateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a client a new secret, without a restart and without a failed call.",
        discussion: """
            The agent first asks Mosaic for a token with the new secret. If Mosaic refuses it, nothing changes and the exit \
            status is 7. If it agrees, new calls use the new secret, and calls in flight end with the old one.

            If the configuration names the file of the secret (ClientSecretFile=, ClientKeyFile=), the new secret is put \
            there too: by the agent if it may, else by this command, which reads the configuration itself (--config) and \
            writes only to a file that the agent would read: of root or the agent's user, mode 0600 or stricter, no link, in a \
            directory where no one else can put files. If it comes from the unit (LoadCredential=), only the administrator can replace it: a warning \
            tells so, and status shows that a restart would use the old one.
            """
    )

    static var title: String { "credential rotate" }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The configured client.")
    var client: String

    @Option(help: ArgumentHelp("The file with the new secret; a line feed at its end is left out.", valueName: "file"))
    var file: String

    @Option(
        help: ArgumentHelp(
            "The agent's main configuration file, which says where the secret is kept.",
            valueName: "path"
        )
    )
    var config = ConfigurationFiles.defaultPath

    func report() async throws -> Report {
        let secret = try SecretReader.file(file, .credential)
        try check(secret)
        var result = try await withAgent(.control) { agent in
            try await agent.call(
                DaemonRotateCredential.self,
                .init(client: client, clientSecret: secret),
                metadata: global.metadata
            )
        }
        var trouble: String?
        if !result.sourceReplaced, result.source.kind == "file" {
            // The agent sees no more of the file system than it needs; the administrator may write there.
            trouble = replace(result.source.name, with: secret)
            result.sourceReplaced = trouble == nil
            if result.sourceReplaced { result.source.differs = false }
        }
        return Report(
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: Self.warning(result, trouble: trouble)
        )
    }

    /// A private key in PEM form is for the agent to judge.
    private func check(_ secret: Secret) throws(CommandFailure) {
        let isPEM = secret.withBytes { bytes in
            let beginning = Array("-----BEGIN ".utf8)
            return bytes.count >= beginning.count
                && bytes.indices.contains { start in
                    start + beginning.count <= bytes.count
                        && beginning.indices.allSatisfy { bytes[start + $0] == beginning[$0] }
                }
        }
        guard !isPEM, let flaw = ClientSecretFlaw(of: secret) else { return }
        throw CommandFailure(
            .usage,
            "the secret in \(PathText.printable(file)) \(flaw); allowed: \(ClientSecretFlaw.allowed)"
        )
    }

    /// Puts the secret into the file that the configuration names.
    ///
    /// - Parameter named: the file that the agent says it reads.
    /// - Returns: why not; nil if it is done.
    private func replace(_ named: String, with secret: Secret) -> String? {
        switch CredentialSource(ofClient: client, configuration: config) {
        case .unknown(let reason): return "not done here: \(reason)"
        case .unit: return "not done here: \(PathText.printable(config)) names no file"
        case .file(let path):
            guard path.utf8.elementsEqual(named.utf8) else {
                return "not done here: \(PathText.printable(config)) names \(path)"
            }
            do throws(SecretFileError) {
                try SecretFile.replace(
                    path: path,
                    with: secret,
                    of: Set([CredentialSource.agentUser()].compactMap { $0 })
                )
                return nil
            } catch {
                return error.description
            }
        }
    }

    private static func text(_ result: DaemonRotateCredential.Result) -> String {
        var list = FieldList()
        list.add(result.client, "Mosaic has accepted the new secret; it is in use")
        if result.sourceReplaced { list.add("replaced", result.source.name) }
        return list.text
    }

    private static func warning(_ result: DaemonRotateCredential.Result, trouble: String?) -> String? {
        guard !result.sourceReplaced else { return nil }
        let name = TerminalText.escaped(result.source.name)
        let place =
            result.source.kind == "file"
            ? "put it into \(name)" + (trouble.map { " (\(TerminalText.escaped($0)))" } ?? "")
            : "replace the source of LoadCredential=\(name) in the unit"
        return "a restart of the agent will use the old secret: \(place)"
    }
}

extension SecretKind {
    /// What a client proves itself with.
    fileprivate static let credential = SecretKind(
        name: "secret",
        option: "--file",
        maximumBytes: DaemonRotateCredential.Parameters.maximumSecretBytes
    )
}

/// `mosaicctl refresh-token`
struct RefreshTokenCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh-token",
        abstract: "Make the agent fetch its client access token anew.",
        discussion: """
            The old token serves until there is a new one. Useful after the client secret was corrected, instead of \
            waiting for the next attempt. Exits 7 when a client got no token.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The configured client. (default: all of them)")
    var client: String?

    func report() async throws -> Report {
        let result = try await withAgent(.control) { agent in
            try await agent.call(DaemonRefreshToken.self, .init(client: client), metadata: global.metadata)
        }
        return Report(
            status: Self.status(result),
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) }
        )
    }

    private static func status(_ result: DaemonRefreshToken.Result) -> ExitStatus {
        let failed = result.clients.filter { !$0.refreshed }
        if failed.isEmpty { return .done }
        return failed.allSatisfy { $0.error?.kind == .upstreamRateLimited } ? .throttled : .upstream
    }

    private static func text(_ result: DaemonRefreshToken.Result) -> String {
        var list = FieldList()
        for client in result.clients {
            if client.refreshed {
                let rest = client.expiresInSeconds.map { ", expires in \(HumanUnits.duration(seconds: $0))" } ?? ""
                list.add(client.client, "new token" + rest)
            } else {
                list.add(
                    client.client,
                    "no new token: " + (client.error.map { "\($0.kind): \($0.message)" } ?? "no reason given")
                )
            }
        }
        return list.text
    }
}
