public import StrictJSON

extension DaemonStatus {
    /// A configured Mosaic client.
    public struct ClientStatus: WireObject, Hashable {
        /// The name in the configuration.
        public var name: String
        /// The client id at Mosaic.
        public var clientID: String
        /// The host (and port, if it is not 443) of the API.
        public var host: String
        /// How the client proves itself, such as `client_secret_post`.
        public var authentication: String
        /// Whether it talks to the emulator instead of Mosaic.
        public var emulated: Bool
        /// Its access token.
        public var token: TokenStatus
        /// Where its secret comes from.
        public var credential: CredentialSource?

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

        /// The schema of an element of `clients`.
        public static let fields: [Field] = [
            .required("name", .anyText, doc: "The name in the configuration."),
            .required("client_id", .anyText, doc: "The client id at Mosaic."),
            .required("host", .anyText, doc: "The host of the API, with the port if it is not 443."),
            .required("authentication", .anyText, doc: "How the client proves itself, such as `client_secret_post`."),
            .required("emulated", .boolean, doc: "Whether it talks to the emulator instead of Mosaic."),
            .required("token", .object(TokenStatus.self), doc: "Its access token."),
            Field("credential", .object(CredentialSource.self), doc: "Where its secret comes from."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            name = try object.text("name")
            clientID = try object.text("client_id")
            host = try object.text("host")
            authentication = try object.text("authentication")
            emulated = try object.boolean("emulated")
            token = try object.object("token")
            credential = try object.optionalObject("credential")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("name", name)
            writer.member("client_id", clientID)
            writer.member("host", host)
            writer.member("authentication", authentication)
            writer.member("emulated", emulated)
            writer.member("token", token)
            writer.member("credential", credential)
        }
    }

    /// The client access token of one client.
    public struct TokenStatus: WireObject, Hashable {
        /// How it stands.
        public var state: TokenState
        /// Seconds since it was fetched; nil when there is none.
        public var ageSeconds: Int?
        /// Seconds until it expires; nil when there is none.
        public var expiresInSeconds: Int?
        /// Why the last fetch failed; nil when it succeeded.
        public var lastError: LastError?

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

        /// The schema of `token`.
        public static let fields: [Field] = [
            .required(
                "state",
                .anyText,
                doc: "`none` before the first fetch, `valid`, `retrying` while fetches fail, `rejected` when Mosaic "
                    + "refuses the credential."
            ),
            Field("age_s", .count, doc: "Seconds since it was fetched."),
            Field("expires_in_s", .count, doc: "Seconds until it expires."),
            Field("last_error", .object(LastError.self), doc: "Why the last fetch failed."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            state = TokenState(try object.text("state"))
            ageSeconds = try object.optionalInteger("age_s").map { Int($0) }
            expiresInSeconds = try object.optionalInteger("expires_in_s").map { Int($0) }
            lastError = try object.optionalObject("last_error")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("state", state.name)
            writer.member("age_s", ageSeconds)
            writer.member("expires_in_s", expiresInSeconds)
            writer.member("last_error", lastError)
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
        public var kind: ErrorKind
        /// A sentence for people.
        public var message: String
        /// Seconds since it happened.
        public var ageSeconds: Int

        /// A failure.
        public init(kind: ErrorKind, message: String, ageSeconds: Int) {
            self.kind = kind
            self.message = message
            self.ageSeconds = ageSeconds
        }

        /// The schema of `last_error`.
        public static let fields: [Field] = [
            .required("kind", .anyText, doc: "The kind of error, as in `data.kind`."),
            .required("message", .anyText, doc: "A sentence for people."),
            .required("age_s", .count, doc: "Seconds since it happened."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            kind = ErrorKind(try object.text("kind"))
            message = try object.text("message")
            ageSeconds = try object.integer("age_s", as: Int.self)
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("kind", kind.name)
            writer.member("message", message)
            writer.member("age_s", ageSeconds)
        }
    }
}

extension DaemonStatus {
    /// The configuration in force.
    public struct ConfigurationStatus: WireObject, Hashable {
        /// Seconds since it was read.
        public var ageSeconds: Int
        /// The files it was read from.
        public var files: [String]
        /// Why the last reload was refused; nil when it was not.
        public var refusal: String?

        /// The state of the configuration.
        public init(ageSeconds: Int, files: [String], refusal: String? = nil) {
            self.ageSeconds = ageSeconds
            self.files = files
            self.refusal = refusal
        }

        /// The schema of `configuration`.
        public static let fields: [Field] = [
            .required("age_s", .count, doc: "Seconds since it was read."),
            .required("files", .array(of: .anyText, maximumCount: 4096), doc: "The files it was read from, in order."),
            Field("refusal", .anyText, doc: "Why the last reload was refused, with file and line."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            ageSeconds = try object.integer("age_s", as: Int.self)
            files = try object.texts("files")
            refusal = try object.optionalText("refusal")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("age_s", ageSeconds)
            writer.member("files", files)
            writer.member("refusal", refusal)
        }
    }

    /// Where a client's secret, or its private key, comes from.
    public struct CredentialSource: WireObject, Hashable {
        /// `file` or `service_credential`.
        public var kind: String
        /// The path of the file, or the name of the service credential.
        public var name: String
        /// Whether the secret in use is another one than the source had when it was last read.
        public var differs: Bool

        /// A source.
        public init(kind: String, name: String, differs: Bool) {
            self.kind = kind
            self.name = name
            self.differs = differs
        }

        /// The schema of `credential` and `source`.
        public static let fields: [Field] = [
            .required(
                "kind",
                .anyText,
                doc:
                    "`file` for a path in the configuration, `service_credential` for what the service manager handed over."
            ),
            .required("name", .anyText, doc: "The path of the file, or the name of the service credential."),
            .required(
                "differs",
                .boolean,
                doc:
                    "Whether the agent uses another secret than the source held when it was last read: after a rotation that "
                    + "did not replace it. A restart would use the old secret."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            kind = try object.text("kind")
            name = try object.text("name")
            differs = try object.boolean("differs")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("kind", kind)
            writer.member("name", name)
            writer.member("differs", differs)
        }
    }
}
