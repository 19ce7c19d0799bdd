public import StrictJSON

/// `preferences.get`: the login methods of an application (Mosaic E40).
public enum PreferencesGet: AgentMethod {
    /// Which application.
    public struct Parameters: WireObject, Hashable {
        /// The application; nil for the client's own.
        public var appID: String?

        /// All members blank.
        public init() {}

        /// The preferences of an application.
        public init(appID: String? = nil) { self.appID = appID }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.appID(&appID)
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

/// `preferences.update`: replace login methods of an application (Mosaic E41).
public enum PreferencesUpdate: AgentMethod {
    /// Which application, and its new methods.
    public struct Parameters: WireObject, Hashable {
        /// The application; nil for the client's own.
        public var appID: String?
        /// The methods to replace, each with its whole settings, an object.
        public var methods: [LoginMethod: JSONText] = [:]

        /// All members blank.
        public init() {}

        /// A change of the preferences of an application.
        public init(appID: String? = nil, methods: [LoginMethod: JSONText]) {
            self.appID = appID
            self.methods = methods
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.appID(&appID)
            for method in LoginMethod.known {
                try members.optional(method.name, &methods[method]) {
                    Field(
                        method.name,
                        .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
                        isSensitive: method.mayHoldSecrets,
                        doc: method.doc + " Replaced whole, passed on as the same text."
                    )
                }
            }
        }

        /// Checks that a method is given.
        public func checkMembers() throws(SchemaViolation) {
            if methods.isEmpty { throw SchemaViolation(.noneOf(LoginMethod.known.map(\.name))) }
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

/// The login methods of an application as Mosaic describes them, each passed on as the same text.
public struct LoginPreferences: WireObject, MethodResult, Hashable {
    /// The application.
    public var appID = ""
    /// The methods that are set up, by their names; Mosaic's object.
    public var authMethods = JSONText.emptyObject
    /// What the answer leaves out of them.
    public var omitted: [String] = []

    /// All members blank.
    public init() {}

    /// The preferences of an application; `authMethods` must be an object.
    public init(appID: String, authMethods: JSONText, omitted: [String] = []) {
        self.appID = appID
        self.authMethods = authMethods
        self.omitted = omitted
    }

    /// The preferences of an application as Mosaic wrote them, without the methods that are no objects.
    ///
    /// - Parameter omitted: What was left out before.
    package init(appID: String, tolerating authMethods: JSONText, omitted: [String]) {
        var omitted = omitted
        let methods = LoginMethod.known.map { Field($0.name, .anyObject, doc: "") }
        let json = authMethods.leavingOutMistyped(methods, omitted: &omitted)
        self.init(appID: appID, authMethods: json, omitted: omitted)
    }

    /// The settings of one method, or nil when it is not set up.
    public subscript(method: LoginMethod) -> JSONValue? { authMethods.value[method.name] }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required("app_id", &appID, doc: "The application.")
        try members.required(
            "auth_methods",
            &authMethods,
            .object(
                name: "LoginMethods",
                fields: LoginMethod.known.map {
                    Field($0.name, .anyObject, isSensitive: $0.mayHoldSecrets, doc: $0.doc)
                }
            ),
            doc: "The methods that are set up, as Mosaic describes them; names inside them are camelCase."
        )
        try members.omittedMembers(&omitted, of: "auth_methods")
    }
}

/// A way to log in that can be set up for an application (Mosaic E40, E41). Unknown names are kept.
public struct LoginMethod: OpenName {
    /// The name on the wire.
    public let name: String

    /// The method of that name.
    public init(_ name: String) { self.name = name }

    /// Passwords.
    public static let password = LoginMethod("password")
    /// Magic links by e-mail.
    public static let email = LoginMethod("email")
    /// One-time codes by e-mail.
    public static let emailOTP = LoginMethod("email_otp")
    /// One-time codes by SMS.
    public static let sms = LoginMethod("sms")

    /// The methods that can be changed, in the order of Mosaic's documentation.
    public static let known: [LoginMethod] =
        [.password, .email, .emailOTP, .sms] + ["totp", "webauthn_api"].map { LoginMethod($0) } + providers

    private static let providers = ["google", "facebook", "apple", "line", "tiktok", "push"].map { LoginMethod($0) }

    /// Whether its settings can hold the secret of a provider; Mosaic does not document what is in them.
    public var mayHoldSecrets: Bool { Self.providers.contains(self) }

    var doc: String {
        switch self {
        case .password: "Passwords: their policy, lockout, expiry and the lifetimes of resets."
        case .email: "Magic links by e-mail."
        case .emailOTP: "One-time codes by e-mail."
        case .sms: "One-time codes by SMS."
        default:
            mayHoldSecrets
                ? "The method `\(name)`, whose settings can hold a provider's secret." : "The method `\(name)`."
        }
    }
}

extension MemberVisitor {
    /// `app_id` of the methods about preferences.
    mutating func appID(_ value: inout String?) throws(Failure) {
        try optional(
            "app_id",
            &value,
            .formed(.pathID, 1...256),
            doc: "The application. Default: that of the agent's own client, as the claim `app_id` of its token says."
        )
    }
}
