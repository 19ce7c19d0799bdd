import AgentProtocol
import ArgumentParser

/// What a call of an application says about itself, beside its time limit.
struct CallOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The configured Mosaic client to use; needed when the access rule allows several.",
            valueName: "name"
        )
    )
    var client: String?

    @Option(help: ArgumentHelp("A name of your own for the call, kept in its audit record.", valueName: "text"))
    var traceID: String?

    func validate() throws {
        if let traceID, !ProtocolLimits.traceIDBytes.contains(traceID.utf8.count) {
            throw ValidationError("--trace-id takes \(ProtocolLimits.traceIDBytes.upperBound) bytes at most")
        }
    }

    /// All that the call says about itself.
    func metadata(_ global: GlobalOptions) -> CallMetadata {
        var metadata = global.metadata
        metadata.client = client
        metadata.traceID = traceID.map { ByteText($0) }
        return metadata
    }
}
