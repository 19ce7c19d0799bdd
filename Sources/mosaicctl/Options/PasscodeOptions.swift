import ArgumentParser
import Secrets

/// Where a one-time code comes from.
struct PasscodeOptions: ParsableArguments {
    @Flag(help: "Read the code from standard input.")
    var codeStdin = false

    @Option(help: ArgumentHelp("Read the code from a file.", valueName: "path"))
    var codeFile: String?

    func validate() throws {
        if codeStdin, codeFile != nil {
            throw ValidationError("--code-stdin and --code-file exclude each other")
        }
    }

    /// The code, asked for with `prompt` unless an option says where it is.
    func code(_ prompt: String, _ kind: SecretKind = .code) throws(CommandFailure) -> Secret {
        try SecretReader.secret(kind, standardInput: codeStdin, file: codeFile, prompt: prompt)
    }
}
