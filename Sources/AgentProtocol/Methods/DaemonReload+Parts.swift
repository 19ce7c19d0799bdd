public import StrictJSON

extension DaemonReload {
    /// One thing that is wrong, or should be looked at, and where.
    public struct Problem: WireObject, Hashable {
        /// The file, or the name of an environment variable behind a `$`.
        public var file: String
        /// The line, counted from 1; nil when the problem is the file itself.
        public var line: Int?
        /// The whole sentence with file and line, as in the journal.
        public var message: String

        /// A problem.
        public init(file: String, line: Int?, message: String) {
            self.file = file
            self.line = line
            self.message = message
        }

        /// The schema of an element of `problems`.
        public static let fields: [Field] = [
            .required("file", .anyText, doc: "The file, or the name of an environment variable behind a `$`."),
            Field("line", .count, doc: "The line, counted from 1; absent when the problem is the file itself."),
            .required("message", .anyText, doc: "The whole sentence with file and line, as in the journal."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            file = try object.text("file")
            line = try object.optionalInteger("line").map { Int($0) }
            message = try object.text("message")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("file", file)
            writer.member("line", line)
            writer.member("message", message)
        }
    }

    /// What a reload means for one client.
    public struct ClientChange: WireObject, Hashable {
        /// The name in the configuration.
        public var client: String
        /// What became of it.
        public var change: Change
        /// Whether its secret could not be read anew.
        public var credentialFixed: Bool
        /// Whether it goes on with a secret it was given by a rotation, which its source does not have.
        public var rotatedCredential: Bool

        /// What a reload means for a client.
        public init(client: String, change: Change, credentialFixed: Bool = false, rotatedCredential: Bool = false) {
            self.client = client
            self.change = change
            self.credentialFixed = credentialFixed
            self.rotatedCredential = rotatedCredential
        }

        /// The schema of an element of `clients`.
        public static let fields: [Field] = [
            .required("client", .anyText, doc: "The name in the configuration."),
            .required(
                "change",
                .anyText,
                doc: "`kept`, `changed`, `added` or `removed`. Calls in flight go on with the old one."
            ),
            .required(
                "credential_fixed",
                .boolean,
                doc:
                    "Whether its secret is a service credential that is as it was: the service manager hands those over "
                    + "when it starts the service, so a new one needs a restart."
            ),
            .required(
                "rotated_credential",
                .boolean,
                doc: "Whether it goes on with the secret of a rotation, as the source has not changed since."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            client = try object.text("client")
            change = Change(try object.text("change"))
            credentialFixed = try object.boolean("credential_fixed")
            rotatedCredential = try object.boolean("rotated_credential")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("client", client)
            writer.member("change", change.name)
            writer.member("credential_fixed", credentialFixed)
            writer.member("rotated_credential", rotatedCredential)
        }
    }

    /// What became of a client.
    public struct Change: OpenName {
        /// The name on the wire.
        public let name: String

        /// The change of that name.
        public init(_ name: String) { self.name = name }

        /// It is as it was, with its connections and its token.
        public static let kept = Change("kept")
        /// Something about it is different.
        public static let changed = Change("changed")
        /// It is new.
        public static let added = Change("added")
        /// The configuration has it no more.
        public static let removed = Change("removed")
    }
}
