public import StrictJSON

extension PolicyExplain {
    /// The decision, and how each rule came into it.
    public struct Result: WireObject, MethodResult, Hashable {
        /// Whether the call would be let through.
        public var allowed: Bool
        /// Why, in a sentence.
        public var reason: String
        /// The rule that decided; nil when none did.
        public var rule: String?
        /// The client that the call would use.
        public var client: String?
        /// Whether the caller would be told reasons and Mosaic's answers.
        public var details: Bool
        /// Whether the throttle would tell people apart by the address that the caller states.
        public var trustsClientIP: Bool
        /// The rules that were looked at, in their order.
        public var rules: [RuleOutcome]

        /// The decision, and how each rule came into it.
        public init(
            allowed: Bool,
            reason: String,
            rule: String? = nil,
            client: String? = nil,
            details: Bool = false,
            trustsClientIP: Bool = false,
            rules: [RuleOutcome] = []
        ) {
            self.allowed = allowed
            self.reason = reason
            self.rule = rule
            self.client = client
            self.details = details
            self.trustsClientIP = trustsClientIP
            self.rules = rules
        }

        /// The schema of the result.
        public static let fields: [Field] = [
            .required("allowed", .boolean, doc: "Whether the call would be let through."),
            .required("reason", .anyText, doc: "Why, in a sentence."),
            .required("details", .boolean, doc: "Whether the caller would be told reasons and Mosaic's answers."),
            .required(
                "rules",
                .array(of: .object(RuleOutcome.self), maximumCount: 4096),
                doc: "The rules that were looked at, in their order."
            ),
            Field("rule", .anyText, doc: "The rule that decided."),
            Field("client", .anyText, doc: "The client that the call would use."),
            Field(
                "trust_client_ip",
                .boolean,
                doc: "Whether the throttle would tell people apart by `client_attributes.ip_address`."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            allowed = try object.boolean("allowed")
            reason = try object.text("reason")
            details = try object.boolean("details")
            trustsClientIP = try object.optionalBoolean("trust_client_ip") ?? false
            rules = try object.objects("rules")
            rule = try object.optionalText("rule")
            client = try object.optionalText("client")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("allowed", allowed)
            writer.member("reason", reason)
            writer.member("details", details)
            writer.member("trust_client_ip", trustsClientIP)
            writer.member("rules", rules)
            writer.member("rule", rule)
            writer.member("client", client)
        }
    }

    /// What one rule had to say.
    public struct RuleOutcome: WireObject, Hashable {
        /// The rule's name.
        public var rule: String
        /// Whether it is about this caller.
        public var matches: Bool
        /// Whether it lets the call through.
        public var allows: Bool
        /// Why, in a sentence.
        public var reason: String

        /// What one rule had to say.
        public init(rule: String, matches: Bool, allows: Bool, reason: String) {
            self.rule = rule
            self.matches = matches
            self.allows = allows
            self.reason = reason
        }

        /// The schema of an element of `rules`.
        public static let fields: [Field] = [
            .required("rule", .anyText, doc: "The rule's name."),
            .required("matches", .boolean, doc: "Whether it is about this caller."),
            .required("allows", .boolean, doc: "Whether it lets the call through."),
            .required("reason", .anyText, doc: "Why, in a sentence."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            rule = try object.text("rule")
            matches = try object.boolean("matches")
            allows = try object.boolean("allows")
            reason = try object.text("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("rule", rule)
            writer.member("matches", matches)
            writer.member("allows", allows)
            writer.member("reason", reason)
        }
    }
}
