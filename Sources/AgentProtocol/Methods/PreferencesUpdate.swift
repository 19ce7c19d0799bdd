public import StrictJSON

/// `preferences.update`: replace login methods of an application (Mosaic E41).
public enum PreferencesUpdate: AgentMethod {
    /// Which application, and its new methods.
    public struct Parameters: WireObject, Hashable {
        /// The application; nil for the client's own.
        public var appID: String?
        /// The methods to replace, each with its whole settings, an object.
        public var methods: [LoginMethod: JSONText]

        /// A change of the preferences of an application.
        public init(appID: String? = nil, methods: [LoginMethod: JSONText]) {
            self.appID = appID
            self.methods = methods
        }

        /// The schema of the parameters.
        public static let fields: [Field] =
            [.appID]
            + LoginMethod.known.map { method in
                Field(
                    method.name,
                    .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
                    isSensitive: method.mayHoldSecrets,
                    doc: method.doc + " Replaced whole, passed on as the same text."
                )
            }

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            appID = try object.optionalText("app_id")
            methods = [:]
            for method in LoginMethod.known { methods[method] = try object.optionalJSON(method.name) }
            guard !methods.isEmpty else { throw SchemaViolation(.noneOf(LoginMethod.known.map(\.name))) }
        }

        /// Writes the members, the methods in the order of ``LoginMethod/known``.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("app_id", appID)
            for method in LoginMethod.known { writer.member(method.name, methods[method]) }
        }
    }

    /// The preferences after the change.
    public typealias Result = LoginPreferences

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "preferences.update",
        summary: "Changes how users of an application may log in.",
        doc: """
            At least one method is given, and each that is given replaces the present one whole: read it with \
            `preferences.get`, change it, and send all of it (`mosaicctl preferences set` does that). What a setting may \
            be is for Mosaic to check. The change holds for all users of the application; another \
            `password.passwordExpiresIn` also for passwords that they have.
            """,
        requirement: .right(.preferences),
        choice: .atLeastOne(LoginMethod.known.map(\.name)),
        retryClass: .effect,
        errors: [
            .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
            .notFound,
        ]
    )
}
