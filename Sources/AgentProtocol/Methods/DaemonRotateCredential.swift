public import Secrets
public import StrictJSON

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
