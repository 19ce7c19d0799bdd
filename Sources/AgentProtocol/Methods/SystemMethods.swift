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

extension SystemHello {
    /// The limits in force; every one is at its default unless set.
    public struct Limits: CountsObject, Hashable {
        /// Bytes in a request line without LF and CR.
        public var lineBytes = ProtocolLimits.defaultLineBytes
        /// Bytes in an answer line.
        public var resultBytes = ProtocolLimits.maximumResultBytes
        /// Levels of nesting in a request line.
        public var depth = ProtocolLimits.maximumDepth
        /// Bytes of a request id.
        public var idBytes = ProtocolLimits.maximumIDBytes
        /// Bytes of a password.
        public var passwordBytes = ProtocolLimits.maximumPasswordBytes
        /// Bytes of an identifier.
        public var identifierBytes = ProtocolLimits.maximumIdentifierBytes
        /// Calls of a connection worked on at the same time.
        public var callsInFlight = ProtocolLimits.callsInFlight
        /// Further calls of a connection that wait.
        public var callsParked = ProtocolLimits.parkedCalls
        /// The deadline of a call that names none.
        public var defaultDeadlineMilliseconds = ProtocolLimits.defaultDeadlineMilliseconds
        /// The longest deadline.
        public var deadlineMilliseconds = Int(ProtocolLimits.deadlineMilliseconds.upperBound)
        /// The time for a line from its first byte.
        public var lineMilliseconds = milliseconds(ProtocolLimits.lineTime)
        /// The time for the first line of a connection.
        public var firstLineMilliseconds = milliseconds(ProtocolLimits.firstLineTime)
        /// The time that answers may stay unread.
        public var unreadMilliseconds = milliseconds(ProtocolLimits.unreadTime)
        /// Bytes of answers that may stay unread.
        public var unreadBytes = ProtocolLimits.unreadBytesPerConnection

        /// The default limits.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Limits>] = [
            IntegerMember("line_bytes", \.lineBytes, "Bytes in a request line without LF and CR."),
            IntegerMember("result_bytes", \.resultBytes, "Bytes in an answer line."),
            IntegerMember("depth", \.depth, "Levels of objects and arrays in a request line."),
            IntegerMember("id_bytes", \.idBytes, "Bytes of a request id."),
            IntegerMember("password_bytes", \.passwordBytes, "Bytes of a password."),
            IntegerMember("identifier_bytes", \.identifierBytes, "Bytes of an identifier."),
            IntegerMember("calls_in_flight", \.callsInFlight, "Calls of a connection worked on at the same time."),
            IntegerMember("calls_parked", \.callsParked, "Further calls of a connection that wait for a place."),
            IntegerMember(
                "default_deadline_ms",
                \.defaultDeadlineMilliseconds,
                "Milliseconds for a call that does not say."
            ),
            IntegerMember("deadline_ms", \.deadlineMilliseconds, "Milliseconds a call may ask for."),
            IntegerMember("line_ms", \.lineMilliseconds, "Milliseconds for a line from its first byte."),
            IntegerMember(
                "first_line_ms",
                \.firstLineMilliseconds,
                "Milliseconds for the first line of a connection."
            ),
            IntegerMember("unread_ms", \.unreadMilliseconds, "Milliseconds that answers may stay unread."),
            IntegerMember("unread_bytes", \.unreadBytes, "Bytes of answers that may stay unread."),
        ]

        private static func milliseconds(_ duration: Duration) -> Int {
            let (seconds, attoseconds) = duration.components
            return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        }
    }
}

/// `system.ping`: whether the agent reads and answers.
public enum SystemPing: AgentMethod {
    /// `system.ping` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// An empty object.
    public struct Result: WireObject, MethodResult, Hashable {
        /// No members.
        public static let fields: [Field] = []

        /// An answer to a ping.
        public init() {}

        /// Takes nothing.
        public init(reading object: ObjectReader) {}

        /// Writes nothing.
        public func encodeMembers(to writer: inout JSONWriter) {}
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "system.ping",
        sockets: [.main, .control],
        summary: "Answers at once.",
        doc:
            "The line was read, understood and answered; nothing is asked of Mosaic. Served also while calls are parked.",
        requirement: .everyone
    )
}

/// `rpc.discover`: the methods of the socket as an OpenRPC document.
public enum RPCDiscover: AgentMethod {
    /// `rpc.discover` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// An OpenRPC document.
    public struct Result: MethodResult, Hashable {
        /// The document.
        public var document: JSONText

        /// The document as the result.
        public init(document: JSONText) { self.document = document }

        /// Any object: OpenRPC has its own schema.
        public static let schema = Schema.anyObject

        /// Takes the document as it is.
        public init(reading object: ObjectReader) { document = object.value.rawText }

        /// Writes the document.
        public func encode(to writer: inout JSONWriter) { writer.raw(document) }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "rpc.discover",
        sockets: [.main, .control],
        summary: "Describes the methods of this socket as an OpenRPC document.",
        doc: "Each socket describes its own methods. Schemas of values that must be kept secret carry `x-sensitive`.",
        requirement: .everyone
    )
}
