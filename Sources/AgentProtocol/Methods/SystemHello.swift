public import StrictJSON

/// `system.hello`: the identity of the agent, and that of the caller as the agent sees it.
public enum SystemHello: AgentMethod {
    /// `system.hello` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// Agent, limits and caller.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The version of the protocol; within one, changes only add.
        public var protocolVersion: Int
        /// The agent.
        public var server: Server
        /// The limits in force.
        public var limits: Limits
        /// The caller as the agent sees it.
        public var caller: Caller
        /// The rights that the caller's rules give.
        public var rights: [Right]
        /// The names of the Mosaic clients that the caller may use.
        public var clients: [String]
        /// Whether any of those clients talks to the emulator instead of Mosaic.
        public var emulated: Bool

        /// Agent, limits and caller.
        public init(
            server: Server,
            limits: Limits,
            caller: Caller,
            rights: [Right],
            clients: [String],
            emulated: Bool,
            protocolVersion: Int = ProtocolLimits.version
        ) {
            self.protocolVersion = protocolVersion
            self.server = server
            self.limits = limits
            self.caller = caller
            self.rights = rights
            self.clients = clients
            self.emulated = emulated
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("protocol", .count, doc: "The version of the protocol; within one, changes only add."),
            .required("server", .object(Server.self), doc: "The agent."),
            .required("limits", .object(Limits.self), doc: "The limits in force."),
            .required("caller", .object(Caller.self), doc: "The caller as the agent sees it."),
            .required(
                "rights",
                .array(of: .anyText, maximumCount: 256),
                doc: "The rights that the caller's rules give."
            ),
            .required(
                "clients",
                .array(of: .anyText, maximumCount: 1024),
                doc: "The Mosaic clients that the caller may use, for `meta.client`."
            ),
            .required(
                "emulated",
                .boolean,
                doc: "Whether any of those clients talks to the emulator instead of Mosaic."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            protocolVersion = try object.integer("protocol", as: Int.self)
            server = try object.object("server")
            limits = try object.object("limits")
            caller = try object.object("caller")
            rights = try object.texts("rights").map { Right($0) }
            clients = try object.texts("clients")
            emulated = try object.boolean("emulated")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("protocol", protocolVersion)
            writer.member("server", server)
            writer.member("limits", limits)
            writer.member("caller", caller)
            writer.member("rights", rights.map(\.name))
            writer.member("clients", clients)
            writer.member("emulated", emulated)
        }
    }

    /// The agent.
    public struct Server: WireObject, Hashable {
        /// The program's name.
        public var name: String
        /// The program's version.
        public var version: String

        /// The agent of that name and version.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }

        /// The schema of `server`.
        public static let fields: [Field] = [
            .required("name", .anyText, doc: "The program's name."),
            .required("version", .anyText, doc: "The program's version."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            name = try object.text("name")
            version = try object.text("version")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("name", name)
            writer.member("version", version)
        }
    }

    /// The caller as the agent sees it.
    public struct Caller: WireObject, Hashable {
        /// The user id of the peer.
        public var uid: UInt32
        /// All group ids of the peer.
        public var gids: [UInt32]
        /// The systemd unit of the peer, where the agent has looked it up.
        public var unit: String?
        /// The first access rule that matches the peer; nil when none does.
        public var rule: String?

        /// A caller.
        public init(uid: UInt32, gids: [UInt32], unit: String? = nil, rule: String? = nil) {
            self.uid = uid
            self.gids = gids
            self.unit = unit
            self.rule = rule
        }

        /// The schema of `caller`.
        public static let fields: [Field] = [
            .required("uid", .systemID, doc: "The user id of the calling process."),
            .required(
                "gids",
                .array(of: .systemID, maximumCount: 65_537),
                doc: "All group ids of the calling process."
            ),
            Field("unit", .anyText, doc: "The systemd unit of the calling process, where it was looked up."),
            Field("rule", .anyText, doc: "The first access rule that matches the caller."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            uid = try object.integer("uid", as: UInt32.self)
            gids = try object.systemIDs("gids")
            unit = try object.optionalText("unit")
            rule = try object.optionalText("rule")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("uid", uid)
            writer.member("gids", gids)
            writer.member("unit", unit)
            writer.member("rule", rule)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "system.hello",
        sockets: [.main, .control],
        summary: "Tells who the agent is, its limits, and who the caller is to it.",
        doc: """
            Optional, and changes nothing. A caller without any rule gets an answer too, with empty `rights` and \
            `clients`. Served also while calls are parked.
            """,
        requirement: .everyone
    )
}
