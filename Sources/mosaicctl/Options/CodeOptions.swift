import AgentProtocol
import ArgumentParser
import Secrets

/// Where the code of a login comes from, and what goes with it.
struct CodeOptions: ParsableArguments {
    @Flag(help: "Read the code from standard input.")
    var codeStdin = false

    @Option(help: ArgumentHelp("Read the code from a file.", valueName: "path"))
    var codeFile: String?

    @Option(help: ArgumentHelp("The request id of the send, if one was asked for.", valueName: "id"))
    var requestID: String?

    @Option(help: ArgumentHelp("Join the session whose id is in a file, as a further factor.", valueName: "path"))
    var sessionFile: String?

    @Option(help: ArgumentHelp("The organization that a member logs in to.", valueName: "id"))
    var organization: String?

    @Option(help: ArgumentHelp("The resource URI that becomes the audience of the access token.", valueName: "uri"))
    var resource: String?

    @Flag(help: "Show tokens and the session id.")
    var showTokens = false

    @OptionGroup var endUser: EndUserOptions

    func validate() throws {
        if codeStdin, codeFile != nil {
            throw ValidationError("--code-stdin and --code-file exclude each other")
        }
    }

    /// The code, asked for with `prompt` unless an option says where it is.
    func code(_ prompt: String, _ kind: SecretKind = .code) throws(CommandFailure) -> Secret {
        try SecretReader.secret(kind, standardInput: codeStdin, file: codeFile, prompt: prompt)
    }

    /// The optional parameters.
    func parameters() throws(CommandFailure) -> AuthenticationOptions {
        var options = AuthenticationOptions()
        options.requestID = requestID
        if let sessionFile {
            options.sessionID = try SecretReader.file(sessionFile, .sessionID)
        }
        options.orgID = organization
        options.resource = resource
        options.clientAttributes = endUser.attributes
        options.deviceID = endUser.deviceID
        return options
    }
}
