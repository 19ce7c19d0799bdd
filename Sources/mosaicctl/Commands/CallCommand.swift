import AgentClient
import AgentProtocol
import ArgumentParser
import StrictJSON

/// `mosaicctl call`
struct CallCommand: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method with JSON parameters and show its result.",
        discussion: """
            Parameters with secrets in them are refused on the command line, where every user of the machine can read \
            them: say - instead and write them to standard input. Secrets in the result are shown only with \
            --show-tokens. The result of a method that this mosaicctl does not know is shown only with --show-tokens, \
            too. A method that goes on until it is cancelled has none: see 'mosaicctl watch'.

            Exits 0, 1 or 3 by the verdict, if the result has one.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var call: CallOptions

    @Argument(help: "The method, such as system.hello; see 'mosaicctl discover'.")
    var method: String

    @Argument(
        help: ArgumentHelp("The parameters, a JSON object, or - to read them from standard input.", valueName: "json")
    )
    var params: String?

    @Flag(
        help: "Use the control socket, also for a method that both sockets have or that this mosaicctl does not know."
    )
    var control = false

    @Flag(help: "Show secrets in the result.")
    var showTokens = false

    /// Which socket serves the method.
    private var socket: SocketKind {
        let isOnControlOnly = MethodTable.main[method] == nil && MethodTable.control[method] != nil
        return control || isOnControlOnly ? .control : .main
    }

    func report() async throws -> Report {
        let known = MethodTable.table(of: socket)[method]?.descriptor
        guard known?.isOpenEnded != true else {
            throw CommandFailure(
                .usage,
                "\(method) goes on until it is cancelled, and has no result: 'mosaicctl watch' shows what it tells"
            )
        }
        let params = try Self.parameters(
            self.params,
            of: method,
            on: socket,
            command: "mosaicctl call \(method)"
        )
        let result = try await withAgent(socket) { agent in
            try await agent.call(method: method, paramsJSON: params, metadata: call.metadata(global))
        }
        let value = result.value
        guard showTokens || known != nil else {
            throw CommandFailure(
                .usage,
                "the call is done, but this mosaicctl does not know which parts of the result of \(method) are secret: "
                    + "--show-tokens shows it"
            )
        }
        let (json, withheld) = showTokens ? (result, []) : SecretRedactor(schema: known?.result).removed(from: value)
        return Report(
            status: Self.status(value),
            text: PrettyJSON.text(json.value),
            result: json,
            withheld: withheld
        )
    }

    /// The parameters of a call, an object in JSON.
    ///
    /// - Parameters:
    ///   - argument: the text, or `-` for standard input.
    ///   - command: what is started to give them on standard input, for the message that asks for that.
    static func parameters(
        _ argument: String?,
        of method: String,
        on socket: SocketKind,
        command: String
    ) throws -> JSONText? {
        guard let argument else { return nil }
        let isFromInput = argument == "-"
        let bytes = isFromInput ? try InputReader.standardInput() : Array(argument.utf8)
        let place = isFromInput ? "on standard input" : "on the command line"
        let json: JSONText
        do throws(JSONSyntaxError) {
            // The parameters are the second level of the request.
            json = try JSONText(parsing: bytes, maximumDepth: ProtocolLimits.maximumDepth - 1)
        } catch {
            throw CommandFailure(.usage, "the parameters \(place) are not acceptable JSON: \(error)")
        }
        guard json.value.kind == .object else {
            throw CommandFailure(.usage, "the parameters \(place) must be a JSON object")
        }
        let schema = (MethodTable.table(of: socket)[method]?.descriptor.parameters)
            .map { Schema.object(name: method, fields: $0) }
        if !isFromInput, let path = SecretRedactor(schema: schema).first(in: json.value) {
            throw CommandFailure(
                .usage,
                "\(path) is a secret and must not be on the command line, where every user of this machine can read it: "
                    + "write the parameters to standard input of '\(command) -'"
            )
        }
        return json
    }

    private static func status(_ result: JSONValue) -> ExitStatus {
        guard let verdict = result["verdict"]?.string else { return .done }
        switch Verdict(verdict) {
        case .denied: return .denied
        case .passwordChangeRequired: return .passwordChangeRequired
        default: return .done
        }
    }
}
