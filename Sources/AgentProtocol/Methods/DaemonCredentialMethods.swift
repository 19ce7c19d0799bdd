public import Secrets

/// `daemon.refresh_token`: fetch client access tokens now.
public enum DaemonRefreshToken: AgentMethod {
    /// Whose token.
    public struct Parameters: WireObject, Hashable {
        /// The configured client; nil means all of them.
        public var client: String?

        /// All members blank.
        public init() {}

        /// The token of `client`, or of all clients.
        public init(client: String? = nil) { self.client = client }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.optional(
                "client",
                &client,
                .text(ProtocolLimits.clientNameBytes),
                doc: "The configured client. Default: all of them."
            )
        }
    }

    /// How it went, per client.
    public struct Result: WireObject, MethodResult, Hashable {
        /// How it went, in the order of the configuration.
        public var clients: [ClientResult] = []

        /// All members blank.
        public init() {}

        /// How it went.
        public init(clients: [ClientResult]) { self.clients = clients }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "clients",
                &clients,
                .array(of: .object(ClientResult.self), maximumCount: 1024),
                doc: "How it went, in the order of the configuration."
            )
        }
    }

    /// How it went for one client.
    public struct ClientResult: WireObject, Hashable {
        /// The configured client.
        public var client = ""
        /// Whether there is a new token.
        public var refreshed = false
        /// Seconds until the new token expires.
        public var expiresInSeconds: Int?
        /// Why there is no new token.
        public var error: DaemonStatus.LastError?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("client", &client, doc: "The configured client.")
            try members.required("refreshed", &refreshed, doc: "Whether there is a new token.")
            try members.optional("expires_in_s", &expiresInSeconds, doc: "Seconds until the new token expires.")
            try members.optional("error", &error, doc: "Why there is no new token.")
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
        public var client = ""
        /// The new secret, or the new private key in PEM form for clients that sign assertions.
        public var clientSecret = Secret.empty

        /// All members blank.
        public init() {}

        /// The client and its new secret.
        public init(client: String, clientSecret: Secret) {
            self.client = client
            self.clientSecret = clientSecret
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "client",
                &client,
                .text(ProtocolLimits.clientNameBytes),
                doc: "The configured client."
            )
            try members.required(
                "client_secret",
                &clientSecret,
                .text(1...Self.maximumSecretBytes),
                doc: "The new secret; for a client that signs assertions, its new private key in PEM form."
            )
        }

        /// The longest secret or key, in bytes.
        public static let maximumSecretBytes = 32_768
    }

    /// The secret is in use; what is to be known about its source.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The configured client.
        public var client = ""
        /// Where the secret is taken from at the next start.
        public var source = DaemonStatus.CredentialSource()
        /// Whether the source has the new secret.
        public var sourceReplaced = false

        /// All members blank.
        public init() {}

        /// The secret is in use.
        public init(client: String, source: DaemonStatus.CredentialSource, sourceReplaced: Bool) {
            self.client = client
            self.source = source
            self.sourceReplaced = sourceReplaced
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("client", &client, doc: "The configured client.")
            try members.required("source", &source, doc: "Where the agent takes the secret from when it starts.")
            try members.required(
                "source_replaced",
                &sourceReplaced,
                doc:
                    "Whether the source holds the new secret. If not, a restart uses the old one until an administrator replaces "
                    + "it; the agent cannot write to a service credential, nor outside of its own directories."
            )
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
        public var user = Target()

        /// All members blank.
        public init() {}

        /// The user that `identifier` of that kind names.
        public init(_ kind: IdentifierKind, _ identifier: Identifier) {
            user = Target(kind: kind, identifier: identifier)
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "kind",
                &user.kind,
                .text(1...256),
                doc: """
                    The kind of identifier, as the calls had it: `username`, `email`, `phone_number`, `user_id`, \
                    `external_user_id`, or a type of the application's own.
                    """
            )
            try members.required(
                "value",
                &user.identifier,
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: """
                    The identifier as callers write it. The hash disregards the case of ASCII letters, and all but the digits of \
                    a `phone_number`; plain targets are shown as they are.
                    """
            )
        }
    }

    /// The text in the records.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The value of `MOSAIC_TARGET` in the records of calls about this user.
        public var target = ""
        /// How the configuration has targets written (`AuditTargets=`): `hashed` or `plain`.
        public var form = ""
        /// Where the key of the hash comes from; nil for plain targets.
        public var key: AuditKeySource?

        /// All members blank.
        public init() {}

        /// The text in the records.
        public init(target: String, form: String, key: AuditKeySource? = nil) {
            self.target = target
            self.form = form
            self.key = key
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "target",
                &target,
                doc: "The value of `MOSAIC_TARGET` in the records of calls about this user."
            )
            try members.required("form", &form, doc: "How targets are written: `hashed`, or `plain` (`AuditTargets=`).")
            try members.optional(
                "key",
                &key,
                doc: """
                    Where the key of the hash comes from: `credential`, the service credential `audit.key`; or `generated`, \
                    made by the agent and kept over restarts in the service manager's store of descriptors, but not when the \
                    service is stopped: records from before then have other hashes. Missing for plain targets.
                    """
            )
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
