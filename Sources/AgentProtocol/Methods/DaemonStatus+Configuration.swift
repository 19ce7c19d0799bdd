public import StrictJSON

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
