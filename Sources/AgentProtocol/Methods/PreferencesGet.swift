public import StrictJSON

/// `preferences.get`: the login methods of an application (Mosaic E40).
public enum PreferencesGet: AgentMethod {
    /// Which application.
    public struct Parameters: WireObject, Hashable {
        /// The application; nil for the client's own.
        public var appID: String?

        /// The preferences of an application.
        public init(appID: String? = nil) { self.appID = appID }

        /// The schema of the parameters.
        public static let fields: [Field] = [.appID]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            appID = try object.optionalText("app_id")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("app_id", appID)
        }
    }

    /// The preferences.
    public typealias Result = LoginPreferences

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "preferences.get",
        summary: "Reads how users of an application may log in.",
        doc: """
            A method that is not in `auth_methods` is not set up. The settings are Mosaic's own and hold for all users of \
            the application: password policy, lockout, lifetimes of codes and links.
            """,
        requirement: .right(.preferences),
        retryClass: .read,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}
