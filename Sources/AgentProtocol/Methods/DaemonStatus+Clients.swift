extension DaemonStatus {
    /// A configured Mosaic client.
    public struct ClientStatus: WireObject, Hashable {
        /// The name in the configuration.
        public var name = ""
        /// The client id at Mosaic.
        public var clientID = ""
        /// The host (and port, if it is not 443) of the API.
        public var host = ""
        /// How the client proves itself, such as `client_secret_post`.
        public var authentication = ""
        /// Whether it talks to the emulator instead of Mosaic.
        public var emulated = false
        /// Its access token.
        public var token = TokenStatus()
        /// Where its secret comes from.
        public var credential: CredentialSource?

        /// All members blank.
        public init() {}

        /// A configured client.
        public init(
            name: String,
            clientID: String,
            host: String,
            authentication: String,
            emulated: Bool,
            token: TokenStatus,
            credential: CredentialSource? = nil
        ) {
            self.name = name
            self.clientID = clientID
            self.host = host
            self.authentication = authentication
            self.emulated = emulated
            self.token = token
            self.credential = credential
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("name", &name, doc: "The name in the configuration.")
            try members.required("client_id", &clientID, doc: "The client id at Mosaic.")
            try members.required("host", &host, doc: "The host of the API, with the port if it is not 443.")
            try members.required(
                "authentication",
                &authentication,
                doc: "How the client proves itself, such as `client_secret_post`."
            )
            try members.required("emulated", &emulated, doc: "Whether it talks to the emulator instead of Mosaic.")
            try members.required("token", &token, doc: "Its access token.")
            try members.optional("credential", &credential, doc: "Where its secret comes from.")
        }
    }

    /// The client access token of one client.
    public struct TokenStatus: WireObject, Hashable {
        /// How it stands.
        public var state = TokenState("")
        /// Seconds since it was fetched; nil when there is none.
        public var ageSeconds: Int?
        /// Seconds until it expires; nil when there is none.
        public var expiresInSeconds: Int?
        /// Why the last fetch failed; nil when it succeeded.
        public var lastError: LastError?

        /// All members blank.
        public init() {}

        /// The state of a token.
        public init(
            state: TokenState,
            ageSeconds: Int? = nil,
            expiresInSeconds: Int? = nil,
            lastError: LastError? = nil
        ) {
            self.state = state
            self.ageSeconds = ageSeconds
            self.expiresInSeconds = expiresInSeconds
            self.lastError = lastError
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "state",
                &state,
                doc: "`none` before the first fetch, `valid`, `retrying` while fetches fail, `rejected` when Mosaic "
                    + "refuses the credential."
            )
            try members.optional("age_s", &ageSeconds, doc: "Seconds since it was fetched.")
            try members.optional("expires_in_s", &expiresInSeconds, doc: "Seconds until it expires.")
            try members.optional("last_error", &lastError, doc: "Why the last fetch failed.")
        }
    }

    /// How a client access token stands.
    public struct TokenState: OpenName {
        /// The name on the wire.
        public let name: String

        /// The state of that name.
        public init(_ name: String) { self.name = name }

        /// It has not been fetched yet.
        public static let none = TokenState("none")
        /// It can be used.
        public static let valid = TokenState("valid")
        /// Fetching fails and is tried again; an old token may still serve.
        public static let retrying = TokenState("retrying")
        /// Mosaic refuses the client credential.
        public static let rejected = TokenState("rejected")
    }

    /// Why something failed last.
    public struct LastError: WireObject, Hashable {
        /// The kind of error.
        public var kind = ErrorKind("")
        /// A sentence for people.
        public var message = ""
        /// Seconds since it happened.
        public var ageSeconds = 0

        /// All members blank.
        public init() {}

        /// A failure.
        public init(kind: ErrorKind, message: String, ageSeconds: Int) {
            self.kind = kind
            self.message = message
            self.ageSeconds = ageSeconds
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("kind", &kind, doc: "The kind of error, as in `data.kind`.")
            try members.required("message", &message, doc: "A sentence for people.")
            try members.required("age_s", &ageSeconds, doc: "Seconds since it happened.")
        }
    }
}

extension DaemonStatus {
    /// The configuration in force.
    public struct ConfigurationStatus: WireObject, Hashable {
        /// Seconds since it was read.
        public var ageSeconds = 0
        /// The files it was read from.
        public var files: [String] = []
        /// Why the last reload was refused; nil when it was not.
        public var refusal: String?

        /// All members blank.
        public init() {}

        /// The state of the configuration.
        public init(ageSeconds: Int, files: [String], refusal: String? = nil) {
            self.ageSeconds = ageSeconds
            self.files = files
            self.refusal = refusal
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("age_s", &ageSeconds, doc: "Seconds since it was read.")
            try members.required(
                "files",
                &files,
                .array(of: .anyText, maximumCount: 4096),
                doc: "The files it was read from, in order."
            )
            try members.optional("refusal", &refusal, doc: "Why the last reload was refused, with file and line.")
        }
    }

    /// Where a client's secret, or its private key, comes from.
    public struct CredentialSource: WireObject, Hashable {
        /// `file` or `service_credential`.
        public var kind = ""
        /// The path of the file, or the name of the service credential.
        public var name = ""
        /// Whether the secret in use is another one than the source had when it was last read.
        public var differs = false

        /// All members blank.
        public init() {}

        /// A source.
        public init(kind: String, name: String, differs: Bool) {
            self.kind = kind
            self.name = name
            self.differs = differs
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required(
                "kind",
                &kind,
                doc:
                    "`file` for a path in the configuration, `service_credential` for what the service manager handed over."
            )
            try members.required("name", &name, doc: "The path of the file, or the name of the service credential.")
            try members.required(
                "differs",
                &differs,
                doc:
                    "Whether the agent uses another secret than the source held when it was last read: after a rotation that "
                    + "did not replace it. A restart would use the old secret."
            )
        }
    }
}
