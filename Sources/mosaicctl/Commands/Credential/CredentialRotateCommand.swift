import AgentClient
import AgentProtocol
import ArgumentParser
import Secrets
import StrictJSON
import Systemd

/// `mosaicctl credential rotate`
struct CredentialRotateCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a client a new secret, without a restart and without a failed call.",
        discussion: """
            The agent first asks Mosaic for a token with the new secret. If Mosaic refuses it, nothing changes and the exit \
            status is 7. If it agrees, new calls use the new secret, and calls in flight end with the old one.

            If the configuration names the file of the secret (ClientSecretFile=, ClientKeyFile=), the new secret is put \
            there too. If it comes from the unit (LoadCredential=), nobody but the administrator can replace it: a warning \
            tells so, and status shows that a restart would use the old one.
            """
    )

    static var title: String { "credential rotate" }

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The configured client.")
    var client: String

    @Option(help: ArgumentHelp("The file with the new secret; a line feed at its end is left out.", valueName: "file"))
    var file: String

    func report() async throws -> Report {
        let secret = try SecretReader.file(file, .credential)
        var result = try await withAgent(.control) { agent in
            try await agent.call(
                DaemonRotateCredential.self,
                .init(client: client, clientSecret: secret),
                metadata: global.metadata
            )
        }
        var trouble: String?
        if !result.sourceReplaced, result.source.kind == "file" {
            // The agent sees no more of the file system than it needs; who may run this command usually may write there.
            do throws(SecretFileError) {
                try SecretFile.replace(path: result.source.name, with: secret)
                result.sourceReplaced = true
                result.source.differs = false
            } catch {
                trouble = error.description
            }
        }
        return Report(
            text: Self.text(result),
            result: JSONText { result.encode(to: &$0) },
            remark: Self.warning(result, trouble: trouble)
        )
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
