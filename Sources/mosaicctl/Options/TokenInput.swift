import ArgumentParser
import Secrets

/// Where a command gets the token that it is about: from a file, from standard input, or from the terminal.
struct TokenInput: ParsableArguments {
    @Flag(help: "Read the token from standard input.")
    var tokenStdin = false

    @Option(help: ArgumentHelp("Read the token from a file.", valueName: "path"))
    var tokenFile: String?

    func validate() throws {
        if tokenStdin, tokenFile != nil {
            throw ValidationError("--token-stdin and --token-file exclude each other")
        }
    }

    /// Reads it; without any option it is asked for on the terminal.
    func token(_ prompt: String) throws(CommandFailure) -> Secret {
        try SecretReader.secret(.token, standardInput: tokenStdin, file: tokenFile, prompt: prompt)
    }
}

/// Where a command gets the session id that it is about, in the same ways.
struct SessionInput: ParsableArguments {
    @Flag(help: "Read the session id from standard input.")
    var sessionStdin = false

    @Option(help: ArgumentHelp("Read the session id from a file.", valueName: "path"))
    var sessionFile: String?

    func validate() throws {
        if sessionStdin, sessionFile != nil {
            throw ValidationError("--session-stdin and --session-file exclude each other")
        }
    }

    /// Reads it; without any option it is asked for on the terminal.
    func sessionID() throws(CommandFailure) -> Secret {
        try SecretReader.secret(.sessionID, standardInput: sessionStdin, file: sessionFile, prompt: "Session id: ")
    }
}
