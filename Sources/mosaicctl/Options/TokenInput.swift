import ArgumentParser
import Secrets

/// Where a command gets the one secret that it is about: from a file, from standard input, or from the terminal.
struct TokenInput: ParsableArguments {
    @Flag(help: "Read the token (the session id, the code) from standard input.")
    var tokenStdin = false

    @Option(help: ArgumentHelp("Read it from a file.", valueName: "path"))
    var tokenFile: String?

    func validate() throws {
        if tokenStdin, tokenFile != nil {
            throw ValidationError("--token-stdin and --token-file exclude each other")
        }
    }

    /// Reads it; without any option it is asked for on the terminal.
    func read(_ kind: SecretKind, prompt: String) throws(CommandFailure) -> Secret {
        if tokenStdin { return try SecretReader.standardInput(kind) }
        if let tokenFile { return try SecretReader.file(tokenFile, kind) }
        return try TerminalPrompt.ask("\(prompt): ", kind, option: "--token")
    }
}
