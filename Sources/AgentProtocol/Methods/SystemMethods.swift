public import StrictJSON

/// `system.hello`: the identity of the agent, and that of the caller as the agent sees it.
public enum SystemHello: AgentMethod {
    /// `system.hello` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// Agent, limits and caller.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The version of the protocol; within one, changes only add.
        public var protocolVersion = 0
        /// The agent.
        public var server = Server()
        /// The limits in force.
        public var limits = Limits()
        /// The caller as the agent sees it.
        public var caller = Caller()
        /// The rights that the caller's rules give.
        public var rights: [Right] = []
        /// The names of the Mosaic clients that the caller may use.
        public var clients: [String] = []
        /// Whether any of those clients talks to the emulator instead of Mosaic.
        public var emulated = false

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "protocol",
                &protocolVersion,
                doc: "The version of the protocol; within one, changes only add."
            )
            try members.required("server", &server, doc: "The agent.")
            try members.required("limits", &limits, doc: "The limits in force.")
            try members.required("caller", &caller, doc: "The caller as the agent sees it.")
            try members.required(
                "rights",
                &rights,
                .array(of: .anyText, maximumCount: 256),
                doc: "The rights that the caller's rules give."
            )
            try members.required(
                "clients",
                &clients,
                .array(of: .anyText, maximumCount: 1024),
                doc: "The Mosaic clients that the caller may use, for `meta.client`."
            )
            try members.required(
                "emulated",
                &emulated,
                doc: "Whether any of those clients talks to the emulator instead of Mosaic."
            )
        }
    }

    /// The agent.
    public struct Server: WireObject, Hashable {
        /// The program's name.
        public var name = ""
        /// The program's version.
        public var version = ""

        /// All members blank.
        public init() {}

        /// The agent of that name and version.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("name", &name, doc: "The program's name.")
            try members.required("version", &version, doc: "The program's version.")
        }
    }

    /// The caller as the agent sees it.
    public struct Caller: WireObject, Hashable {
        /// The user id of the peer.
        public var uid: UInt32 = 0
        /// All group ids of the peer.
        public var gids: [UInt32] = []
        /// The systemd unit of the peer, where the agent has looked it up.
        public var unit: String?
        /// The first access rule that matches the peer; nil when none does.
        public var rule: String?

        /// All members blank.
        public init() {}

        /// A caller.
        public init(uid: UInt32, gids: [UInt32], unit: String? = nil, rule: String? = nil) {
            self.uid = uid
            self.gids = gids
            self.unit = unit
            self.rule = rule
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("uid", &uid, doc: "The user id of the calling process.")
            try members.required(
                "gids",
                &gids,
                .array(of: .systemID, maximumCount: 65_537),
                doc: "All group ids of the calling process."
            )
            try members.optional("unit", &unit, doc: "The systemd unit of the calling process, where it was looked up.")
            try members.optional("rule", &rule, doc: "The first access rule that matches the caller.")
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
    public struct Limits: WireObject, Hashable {
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
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("line_bytes", &lineBytes, doc: "Bytes in a request line without LF and CR.")
            try members.required("result_bytes", &resultBytes, doc: "Bytes in an answer line.")
            try members.required("depth", &depth, doc: "Levels of objects and arrays in a request line.")
            try members.required("id_bytes", &idBytes, doc: "Bytes of a request id.")
            try members.required("password_bytes", &passwordBytes, doc: "Bytes of a password.")
            try members.required("identifier_bytes", &identifierBytes, doc: "Bytes of an identifier.")
            try members.required(
                "calls_in_flight",
                &callsInFlight,
                doc: "Calls of a connection worked on at the same time."
            )
            try members.required(
                "calls_parked",
                &callsParked,
                doc: "Further calls of a connection that wait for a place."
            )
            try members.required(
                "default_deadline_ms",
                &defaultDeadlineMilliseconds,
                doc: "Milliseconds for a call that does not say."
            )
            try members.required("deadline_ms", &deadlineMilliseconds, doc: "Milliseconds a call may ask for.")
            try members.required("line_ms", &lineMilliseconds, doc: "Milliseconds for a line from its first byte.")
            try members.required(
                "first_line_ms",
                &firstLineMilliseconds,
                doc: "Milliseconds for the first line of a connection."
            )
            try members.required("unread_ms", &unreadMilliseconds, doc: "Milliseconds that answers may stay unread.")
            try members.required("unread_bytes", &unreadBytes, doc: "Bytes of answers that may stay unread.")
        }

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
        /// An answer to a ping.
        public init() {}

        /// No members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) {}
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
