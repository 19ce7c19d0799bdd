public import StrictJSON

/// `daemon.refresh_token`: fetch client access tokens now.
public enum DaemonRefreshToken: AgentMethod {
    /// Whose token.
    public struct Parameters: WireObject, Hashable {
        /// The configured client; nil means all of them.
        public var client: String?

        /// The token of `client`, or of all clients.
        public init(client: String? = nil) { self.client = client }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            Field("client", .text(ProtocolLimits.clientNameBytes), doc: "The configured client. Default: all of them.")
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.optionalText("client")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) { writer.member("client", client) }
    }

    /// How it went, per client.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How it went, in the order of the configuration.
        public var clients: [ClientResult]

        /// How it went.
        public init(clients: [ClientResult]) { self.clients = clients }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required(
                "clients",
                .array(of: .object(ClientResult.self), maximumCount: 1024),
                doc: "How it went, in the order of the configuration."
            )
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) { clients = try object.objects("clients") }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) { writer.member("clients", clients) }
    }

    /// How it went for one client.
    public struct ClientResult: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// Whether there is a new token.
        public var refreshed: Bool
        /// Seconds until the new token expires.
        public var expiresInSeconds: Int?
        /// Why there is no new token.
        public var error: DaemonStatus.LastError?

        /// How it went for one client.
        public init(
            client: String,
            refreshed: Bool,
            expiresInSeconds: Int? = nil,
            error: DaemonStatus.LastError? = nil
        ) {
            self.client = client
            self.refreshed = refreshed
            self.expiresInSeconds = expiresInSeconds
            self.error = error
        }

        /// The schema of an element of `clients`.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            .required("refreshed", .boolean, doc: "Whether there is a new token."),
            Field("expires_in_s", .count, doc: "Seconds until the new token expires."),
            Field("error", .object(DaemonStatus.LastError.self), doc: "Why there is no new token."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            refreshed = try object.boolean("refreshed")
            expiresInSeconds = try object.optionalInteger("expires_in_s").map { Int($0) }
            error = try object.optionalObject("error")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("refreshed", refreshed)
            writer.member("expires_in_s", expiresInSeconds)
            writer.member("error", error)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.refresh_token",
        sockets: [.control],
        summary: "Fetches client access tokens now.",
        doc: """
            The old token serves until there is a new one. A failure is told per client; a client that is not \
            configured is `invalid_params`.
            """,
        requirement: .controlSocket,
        retryClass: .idempotent,
        errors: [.upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol]
    )
}
