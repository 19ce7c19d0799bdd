import AgentProtocol
import ArgumentParser
import Secrets

/// What the commands that begin a password reset can say about a second factor.
struct SecondFactorOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "This is the second factor; the reset token of the first is in a file (see --write-token).",
            valueName: "path"
        )
    )
    var previousTokenFile: String?

    @Flag(help: "Be content with one factor; the access rule must grant reset-ignore-mfa.")
    var ignoreMFA = false

    /// The parameters.
    func parameters() throws(CommandFailure) -> ResetOptions {
        ResetOptions(
            previousResetToken: try Self.token(previousTokenFile),
            ignoreMFA: ignoreMFA ? true : nil
        )
    }

    /// The token in a file, if there is one to be read.
    static func token(_ path: String?) throws(CommandFailure) -> Secret? {
        guard let path else { return nil }
        return try SecretReader.file(path, .token)
    }
}

/// What becomes of the reset token that a command brings.
struct TokenOutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the reset token to a file that only you can read (mode 0600).", valueName: "path")
    )
    var writeToken: String?

    @Flag(help: "Show the reset token.")
    var showTokens = false

    /// Has a factor checked by `call`, keeps its token, and reports.
    func report(_ call: () async throws -> ResetFactorResult) async throws -> Report {
        let output = try writeToken.map { path throws(CommandFailure) in try SecretFileWriter(path: path) }
        let result = try await call()
        if case .granted(let granted) = result { try output?.keep(granted.resetToken) }
        return Report(result, showTokens: showTokens)
    }
}

/// A user that a positional argument names.
struct ResetUserOptions: ParsableArguments {
    @Argument(help: "The user: an e-mail address, a user name or a phone number, as --type says.")
    var identifier: String

    @Option(help: "What sort of identifier it is.")
    var type = IdentifierType.email

    func validate() throws {
        guard (1...ProtocolLimits.maximumIdentifierBytes).contains(identifier.utf8.count) else {
            throw ValidationError("the identifier must have 1 to \(ProtocolLimits.maximumIdentifierBytes) bytes")
        }
    }

    /// The user.
    var target: Target { Target(kind: IdentifierKind(type.rawValue), identifier: Identifier(identifier)) }

    /// The user, where a phone number cannot name one.
    func targetOfLink() throws(CommandFailure) -> Target {
        if type == .phoneNumber {
            throw CommandFailure(.usage, "a link goes to a mailbox: --type takes email or username here")
        }
        return target
    }

    /// The identifiers that resets go by.
    enum IdentifierType: String, ExpressibleByArgument, CaseIterable {
        case email
        case username
        case phoneNumber = "phone_number"
    }
}
