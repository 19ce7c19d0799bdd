public import Secrets
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

/// `daemon.rotate_credential`: have a client prove itself with a new secret.
public enum DaemonRotateCredential: AgentMethod {
    /// The client and its new secret.
    public struct Parameters: WireObject, Hashable {
        /// The configured client.
        public var client: String
        /// The new secret, or the new private key in PEM form for clients that sign assertions.
        public var clientSecret: Secret

        /// The client and its new secret.
        public init(client: String, clientSecret: Secret) {
            self.client = client
            self.clientSecret = clientSecret
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required("client", .text(ProtocolLimits.clientNameBytes), doc: "The configured client."),
            .required(
                "client_secret",
                .text(1...maximumSecretBytes),
                isSensitive: true,
                doc: "The new secret; for a client that signs assertions, its new private key in PEM form."
            ),
        ]

        /// The longest secret or key, in bytes.
        public static let maximumSecretBytes = 32_768

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            clientSecret = try object.secret("client_secret")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("client_secret", clientSecret)
        }
    }

    /// The secret is in use; what is to be known about its source.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The configured client.
        public var client: String
        /// Where the secret is taken from at the next start.
        public var source: DaemonStatus.CredentialSource
        /// Whether the source has the new secret.
        public var sourceReplaced: Bool

        /// The secret is in use.
        public init(client: String, source: DaemonStatus.CredentialSource, sourceReplaced: Bool) {
            self.client = client
            self.source = source
            self.sourceReplaced = sourceReplaced
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The configured client."),
            .required(
                "source",
                .object(DaemonStatus.CredentialSource.self),
                doc: "Where the agent takes the secret from when it starts."
            ),
            .required(
                "source_replaced",
                .boolean,
                doc:
                    "Whether the source holds the new secret. If not, a restart uses the old one until an administrator replaces "
                    + "it; the agent cannot write to a service credential, nor outside of its own directories."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            source = try object.object("source")
            sourceReplaced = try object.boolean("source_replaced")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("source", source)
            writer.member("source_replaced", sourceReplaced)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.rotate_credential",
        sockets: [.control],
        summary: "Has a client prove itself with a new secret, once Mosaic has accepted that.",
        doc: """
            The new secret is tried first: the agent asks for an access token with it. If Mosaic refuses, nothing changes \
            and the answer is `credential_rejected`. If it agrees, new calls use the new token and calls in flight end with \
            the old one. While a reload or another rotation is under way, the answer is `overloaded`.
            """,
        requirement: .controlSocket,
        retryClass: .idempotent,
        errors: [.upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol]
    )
}

/// `daemon.target_hash`: how the audit trail names a user.
public enum DaemonTargetHash: AgentMethod {
    /// The user.
    public struct Parameters: WireObject, Hashable {
        /// The identifier with its kind.
        public var user: Target

        /// The user that `identifier` of that kind names.
        public init(_ kind: IdentifierKind, _ identifier: Identifier) {
            user = Target(kind: kind, identifier: identifier)
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "kind",
                .text(1...256),
                doc: """
                    The kind of identifier, as the calls had it: `username`, `email`, `phone_number`, `user_id`, \
                    `external_user_id`, or a type of the application's own.
                    """
            ),
            .required(
                "value",
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: """
                    The identifier as callers write it. The hash disregards the case of ASCII letters, and all but the digits of \
                    a `phone_number`; plain targets are shown as they are.
                    """
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = Target(
                kind: IdentifierKind(try object.text("kind")),
                identifier: try object.identifier("value")
            )
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("kind", user.kind.name)
            writer.member("value", user.identifier)
        }
    }

    /// The text in the records.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The value of `MOSAIC_TARGET` in the records of calls about this user.
        public var target: String
        /// How the configuration has targets written (`AuditTargets=`): `hashed` or `plain`.
        public var form: String
        /// Where the key of the hash comes from; nil for plain targets.
        public var key: AuditKeySource?

        /// The text in the records.
        public init(target: String, form: String, key: AuditKeySource? = nil) {
            self.target = target
            self.form = form
            self.key = key
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("target", .anyText, doc: "The value of `MOSAIC_TARGET` in the records of calls about this user."),
            .required("form", .anyText, doc: "How targets are written: `hashed`, or `plain` (`AuditTargets=`)."),
            Field(
                "key",
                .anyText,
                doc: """
                    Where the key of the hash comes from: `credential`, the service credential `audit.key`; or `generated`, \
                    made by the agent and kept over restarts in the service manager's store of descriptors, but not when the \
                    service is stopped: records from before then have other hashes. Missing for plain targets.
                    """
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            target = try object.text("target")
            form = try object.text("form")
            key = try object.optionalText("key").map { AuditKeySource($0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("target", target)
            writer.member("form", form)
            writer.member("key", key?.name)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "daemon.target_hash",
        sockets: [.control],
        summary: "Tells how the audit trail names a user, to find the calls about them.",
        doc: """
            The hash is keyed, so only the agent can make it: `journalctl MOSAIC_TARGET=…` then finds the records. It is that \
            of this kind and this identifier; a user who is also called by another identifier has another hash there. The \
            record of this call itself names no user.
            """,
        requirement: .controlSocket
    )
}

/// Where the key comes from with which users are hashed in audit records.
public struct AuditKeySource: OpenName {
    /// The name on the wire.
    public let name: String

    /// The source of that name.
    public init(_ name: String) { self.name = name }

    /// The service credential `audit.key`.
    public static let credential = AuditKeySource("credential")
    /// The agent has made it; it lasts until the service is stopped.
    public static let generated = AuditKeySource("generated")
}
