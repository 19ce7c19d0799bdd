import AgentProtocol
import ArgumentParser
import StrictJSON

/// What all sends can say.
struct SendOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Makes repeats of the command within ten minutes one send. A name of your own for this send.",
            valueName: "text"
        )
    )
    var idempotencyKey: String?

    @Option(
        help: ArgumentHelp(
            "Read the texts of the mail from a file: a JSON object such as {\"subject\": \"Your code\"}.",
            valueName: "path"
        )
    )
    var emailContent: String?

    func validate() throws {
        if let idempotencyKey, !ProtocolLimits.idempotencyKeyBytes.contains(idempotencyKey.utf8.count) {
            throw ValidationError("--idempotency-key takes 1 to \(ProtocolLimits.idempotencyKeyBytes.upperBound) bytes")
        }
    }

    /// The same metadata with the key.
    func completing(_ metadata: CallMetadata) -> CallMetadata {
        var metadata = metadata
        metadata.idempotencyKey = idempotencyKey.map { ByteText($0) }
        return metadata
    }

    /// The texts of the mail from the file.
    func mail() throws(CommandFailure) -> EmailContent? {
        guard let emailContent else { return nil }
        return try JSONFile.read(EmailContent.self, from: emailContent)
    }

    /// What a code or a link is sent with.
    ///
    /// - Parameter requestID: Whether it is bound to the call.
    func options(requestID: Bool, of endUser: EndUserOptions) throws(CommandFailure) -> MessageOptions {
        MessageOptions(
            generateRequestID: requestID ? true : nil,
            emailContent: try mail(),
            clientAttributes: endUser.attributes,
            deviceID: endUser.deviceID
        )
    }
}

/// What is known of the end user, who need not be the one that runs the command.
struct EndUserOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The User-Agent of the end user's browser or app.", valueName: "text"))
    var userAgent: String?

    @Option(help: ArgumentHelp("The address the end user comes from.", valueName: "address"))
    var ipAddress: String?

    @Option(help: ArgumentHelp("The device that the end user uses.", valueName: "id"))
    var deviceID: String?

    /// The attributes, if any was given.
    var attributes: ClientAttributes? {
        guard userAgent != nil || ipAddress != nil else { return nil }
        return ClientAttributes(userAgent: userAgent, ipAddress: ipAddress)
    }
}
