public import Secrets
public import StrictJSON

/// `client_token.get`: the agent's own client access token (Mosaic E1).
public enum ClientTokenGet: AgentMethod {
    /// For what, and for how long.
    public struct Parameters: WireObject, Hashable {
        /// Seconds that the token should still be good.
        public var minimumValiditySeconds: Int
        /// The resource URI that the token is for.
        public var resource: String?

        /// A token that is good for a while yet.
        public init(minimumValiditySeconds: Int, resource: String? = nil) {
            self.minimumValiditySeconds = minimumValiditySeconds
            self.resource = resource
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required(
                "min_valid_s",
                .integer(0...86_400),
                doc: "Seconds that the token should still be good. A shorter one comes only when no better one can be "
                    + "had; `expires_in` tells."
            ),
            .resource,
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            minimumValiditySeconds = try object.integer("min_valid_s", as: Int.self)
            resource = try object.optionalText("resource")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("min_valid_s", minimumValiditySeconds)
            writer.member("resource", resource)
        }
    }

    /// The token.
    public struct Result: WireObject, MethodResult, Hashable {
        /// The client access token.
        public var accessToken: Secret
        /// Seconds it is good, cautiously counted.
        public var expiresIn: Int

        /// A token.
        public init(accessToken: Secret, expiresIn: Int) {
            self.accessToken = accessToken
            self.expiresIn = expiresIn
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("access_token", .anyText, isSensitive: true, doc: "The client access token."),
            .required("token_type", .choice(["Bearer"]), doc: "`Bearer`."),
            .required("expires_in", .count, doc: "Seconds it is good, a few less than Mosaic says."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            accessToken = try object.secret("access_token")
            expiresIn = try object.integer("expires_in", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("access_token", accessToken)
            writer.member("token_type", "Bearer")
            writer.member("expires_in", expiresIn)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "client_token.get",
        summary: "Returns the agent's own client access token, for calls that the agent does not make itself.",
        doc: """
            Who has the token can do at Mosaic whatever the client may, past every rule of the agent. It is fetched once \
            for all callers and renewed ahead of its end; ask again instead of keeping it.
            """,
        requirement: .right(.clientToken),
        retryClass: .read,
        errors: .upstream + [.notConfigured]
    )
}
