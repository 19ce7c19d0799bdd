public import StrictJSON

/// `policy.explain`: what the access rules say about a call that another caller might make.
public enum PolicyExplain: AgentMethod {
    /// The imagined call.
    public struct Parameters: WireObject, Hashable {
        /// The user id of the imagined caller.
        public var uid: UInt32
        /// All its group ids, the primary one too.
        public var gids: [UInt32]
        /// The method.
        public var method: String
        /// The configured client, as in `meta.client`.
        public var client: String?
        /// The user the call is about.
        public var target: Target?
        /// The rights to single fields that the call would need.
        public var fieldRights: [Right]
        /// The parameters of the call, as far as they are known, in place of target and rights.
        public var params: JSONText?
        /// The unit that it is of; nil for one whose unit is not known.
        public var unit: String?
        /// The unit of the manager of its own user that it is of.
        public var userUnit: String?

        /// An imagined call.
        public init(
            uid: UInt32,
            gids: [UInt32] = [],
            method: String,
            client: String? = nil,
            target: Target? = nil,
            fieldRights: [Right] = [],
            params: JSONText? = nil,
            unit: String? = nil,
            userUnit: String? = nil
        ) {
            self.uid = uid
            self.gids = gids
            self.method = method
            self.client = client
            self.target = target
            self.fieldRights = fieldRights
            self.params = params
            self.unit = unit
            self.userUnit = userUnit
        }

        /// The schema of the parameters.
        public static let fields: [Field] = [
            .required("uid", .systemID, doc: "The user id of the imagined caller."),
            .required("method", .text(1...64), doc: "The method it calls."),
            Field(
                "gids",
                .array(of: .systemID, maximumCount: 4096),
                doc: "All group ids of the caller, the primary one too. Default: none."
            ),
            Field("client", .text(ProtocolLimits.clientNameBytes), doc: "The client, as in `meta.client`."),
            Field(
                "target",
                .object(name: "PolicyExplainTarget", fields: targetFields),
                doc: "The user the call is about, for rules that limit the users."
            ),
            Field(
                "field_rights",
                .array(of: .text(1...64), maximumCount: 16),
                doc: "The rights to single fields that the call would need, such as `otp-direct`."
            ),
            Field(
                "params",
                .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
                doc:
                    "The parameters of the call, of which the users and the rights to single fields are taken, instead of "
                    + "`target` and `field_rights`; its `meta.client` comes before `client`. Required ones, such as "
                    + "passwords, may be left out."
            ),
            Field(
                "unit",
                .text(1...255),
                doc:
                    "The unit of the system's service manager that the caller is of, such as `storefront.service`. Without "
                    + "it, and without `user_unit`, the caller is one whose unit could not be found out."
            ),
            Field(
                "user_unit",
                .text(1...255),
                doc:
                    "The unit of the manager of the caller's own user that the caller is of; its `unit` then is `user@UID.service`."
            ),
        ]

        private static let targetFields: [Field] = [
            .required("kind", .choice(IdentifierKind.known.map(\.name)), doc: "The kind of identifier."),
            .required("value", .text(1...ProtocolLimits.maximumIdentifierBytes), doc: "The identifier."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            uid = try object.integer("uid", as: UInt32.self)
            gids = try object.optionalSystemIDs("gids") ?? []
            method = try object.text("method")
            client = try object.optionalText("client")
            target = try object.optionalReader("target").map { reader throws(SchemaViolation) in
                Target(
                    kind: IdentifierKind(try reader.text("kind")),
                    identifier: try reader.identifier("value")
                )
            }
            fieldRights = (try object.optionalTexts("field_rights") ?? []).map { Right($0) }
            params = try object.optionalJSON("params")
            if params != nil {
                if target != nil { throw SchemaViolation(.only("without params"), at: "target") }
                if !fieldRights.isEmpty { throw SchemaViolation(.only("without params"), at: "field_rights") }
            }
            unit = try object.optionalText("unit")
            userUnit = try object.optionalText("user_unit")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("uid", uid)
            writer.member("method", method)
            if !gids.isEmpty { writer.member("gids", gids) }
            writer.member("client", client)
            if let target {
                writer.key("target")
                writer.beginObject()
                writer.member("kind", target.kind.name)
                writer.member("value", target.identifier)
                writer.endObject()
            }
            if !fieldRights.isEmpty { writer.member("field_rights", fieldRights.map(\.name)) }
            writer.member("params", params)
            writer.member("unit", unit)
            writer.member("user_unit", userUnit)
        }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "policy.explain",
        sockets: [.control],
        summary: "Tells what the access rules say about a call that another caller might make, and why.",
        doc: "The decision is made by the same code that decides real calls. Nothing is called.",
        requirement: .controlSocket
    )
}

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
