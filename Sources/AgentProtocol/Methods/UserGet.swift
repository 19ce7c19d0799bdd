public import StrictJSON

/// `user.get`: one user, by any identifier (Mosaic E31–E36).
public enum UserGet: AgentMethod {
    /// Which user.
    public struct Parameters: WireObject, Hashable {
        /// The identifier with its kind; a kind that is no parameter of its own goes as `identifier_name`.
        public var user: Target

        /// The user that `identifier` of that kind names.
        public init(_ kind: IdentifierKind, _ identifier: Identifier) {
            user = Target(kind: kind, identifier: identifier)
        }

        /// The schema of the parameters.
        public static let fields: [Field] = rule.fields()

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            user = try object.target(rule)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.target(user, rule)
        }
    }

    /// The user.
    public typealias Result = UserResult

    static let rule = TargetRule.oneOfOrNamed(
        [.userID, .username, .email, .phoneNumber, .externalUserID],
        name: "identifier_name",
        value: "identifier_value"
    )

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "user.get",
        summary: "Looks up one user.",
        doc: """
            By exactly one identifier: one of the five parameters of their own, or `identifier_name` with \
            `identifier_value`. Mosaic's names are camelCase there: `email`, `phoneNumber`, `externalUserId`, `username`, \
            `idpIdentifier`, or a name that the tenant has defined. Identifiers are compared byte for byte and may hold \
            anything; the agent encodes them.
            """,
        requirement: .right(.users),
        target: rule,
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}
