public import StrictJSON

/// `daemon.reload`: read the configuration again and serve by it.
public enum DaemonReload: AgentMethod {
    /// `daemon.reload` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// What came of it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether the new configuration is in force; if not, the old one still is, whole.
        public var reloaded: Bool
        /// Why it is not; or, if it is, what an administrator should look at.
        public var problems: [Problem]
        /// The clients, in the order of the configuration, those that are gone at the end.
        public var clients: [ClientChange]
        /// Settings that have changed and that only a restart makes effective.
        public var restartNeeded: [String]

        /// What came of it.
        public init(
            reloaded: Bool,
            problems: [Problem],
            clients: [ClientChange] = [],
            restartNeeded: [String] = []
        ) {
            self.reloaded = reloaded
            self.problems = problems
            self.clients = clients
            self.restartNeeded = restartNeeded
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required(
                "reloaded",
                .boolean,
                doc: "Whether the new configuration is in force. If not, the old one still is, whole."
            ),
            .required(
                "problems",
                .array(of: .object(Problem.self), maximumCount: 65_536),
                doc: "Why it was refused; or, if it was not, what an administrator should look at."
            ),
            .required(
                "clients",
                .array(of: .object(ClientChange.self), maximumCount: 2048),
                doc: "What it means for each client, in the order of the configuration; those that are gone at the end."
            ),
            .required(
                "restart_needed",
                .array(of: .anyText, maximumCount: 64),
                doc: "Keys of `[Daemon]` that have changed and keep their old value until the agent is restarted."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            reloaded = try object.boolean("reloaded")
            problems = try object.objects("problems")
            clients = try object.objects("clients")
            restartNeeded = try object.texts("restart_needed")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("reloaded", reloaded)
            writer.member("problems", problems)
            writer.member("clients", clients)
            writer.member("restart_needed", restartNeeded)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.reload",
        sockets: [.control],
        summary: "Reads the configuration again: clients, access rules, limits, log level, and all files it names.",
        doc: """
            A configuration that is wrong in any point is refused whole, and the old one stays; that is a result, not an \
            error. Calls in flight end under the configuration that they began under. A client whose settings and \
            credential are the same goes on with its connections; one whose credential alone is the same keeps its \
            token. While another reload or a rotation is under way, the answer is `overloaded`.
            """,
        requirement: .controlSocket
    )
}
