public import StrictJSON

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
