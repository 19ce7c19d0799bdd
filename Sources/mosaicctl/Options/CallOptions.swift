import AgentClient
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

/// The options that stand before or behind any command.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The agent's main socket. (default: $MOSAICD_SOCKET, else \(AgentClient.defaultSocketPath))",
            valueName: "path"
        )
    )
    var socket: String?

    @Option(
        help: ArgumentHelp(
            """
            The agent's control socket. (default: $MOSAICD_CONTROL_SOCKET, else \
            \(AgentClient.defaultControlSocketPath))
            """,
            valueName: "path"
        )
    )
    var controlSocket: String?

    @Flag(help: "Write one JSON object instead of text.")
    var json = false

    @Option(help: ArgumentHelp("How long a call may take, 0.001 to 600 seconds. (default: 10)", valueName: "seconds"))
    var timeout: TimeLimit?

    /// Where the socket is.
    func path(of socket: SocketKind) -> String {
        switch socket {
        case .main: self.socket ?? Environment.value("MOSAICD_SOCKET") ?? AgentClient.defaultSocketPath
        case .control:
            controlSocket ?? Environment.value("MOSAICD_CONTROL_SOCKET") ?? AgentClient.defaultControlSocketPath
        }
    }

    /// What calls say about themselves.
    var metadata: CallMetadata { CallMetadata(deadlineMilliseconds: timeout?.milliseconds) }
}

/// The value of `--timeout`: seconds with up to three decimals.
struct TimeLimit: ExpressibleByArgument {
    let milliseconds: Int

    init?(argument: String) {
        let parts = argument.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Self.digits(parts[0], 1...3) else { return nil }
        var thousandths = 0
        if parts.count == 2 {
            guard let fraction = Self.digits(parts[1], 1...3) else { return nil }
            thousandths = fraction * [100, 10, 1][parts[1].count - 1]
        }
        milliseconds = whole * 1000 + thousandths
        guard ProtocolLimits.deadlineMilliseconds.contains(Int64(milliseconds)) else { return nil }
    }

    private static func digits(_ text: Substring, _ counts: ClosedRange<Int>) -> Int? {
        guard counts.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
