public import StrictJSON

/// `policy.explain`: what the access rules say about a call that another caller might make.
public enum PolicyExplain: AgentMethod {
    /// The imagined call.
    public struct Parameters: WireObject, Hashable {
        /// The user id of the imagined caller.
        public var uid: UInt32 = 0
        /// All its group ids, the primary one too.
        public var gids: [UInt32] = []
        /// The method.
        public var method = ""
        /// The configured client, as in `meta.client`.
        public var client: String?
        /// The user the call is about.
        public var target: Target?
        /// The rights to single fields that the call would need.
        public var fieldRights: [Right] = []
        /// The parameters of the call, as far as they are known, in place of target and rights.
        public var params: JSONText?
        /// The unit that it is of; nil for one whose unit is not known.
        public var unit: String?
        /// The unit of the manager of its own user that it is of.
        public var userUnit: String?

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("uid", &uid, doc: "The user id of the imagined caller.")
            try members.required("method", &method, .text(1...64), doc: "The method it calls.")
            try members.optional(
                "gids",
                &gids,
                usually: [],
                .array(of: .systemID, maximumCount: 4096),
                doc: "All group ids of the caller, the primary one too. Default: none."
            )
            try members.optional(
                "client",
                &client,
                .text(ProtocolLimits.clientNameBytes),
                doc: "The client, as in `meta.client`."
            )
            try members.optional("target", &target, doc: "The user the call is about, for rules that limit the users.")
            try members.optional(
                "field_rights",
                &fieldRights,
                usually: [],
                .array(of: .text(1...64), maximumCount: 16),
                doc: "The rights to single fields that the call would need, such as `otp-direct`."
            )
            try members.optional(
                "params",
                &params,
                .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
                doc:
                    "The parameters of the call, of which the users and the rights to single fields are taken, instead of "
                    + "`target` and `field_rights`; its `meta.client` comes before `client`. Required ones, such as "
                    + "passwords, may be left out."
            )
            try members.optional(
                "unit",
                &unit,
                .text(1...255),
                doc:
                    "The unit of the system's service manager that the caller is of, such as `storefront.service`. Without "
                    + "it, and without `user_unit`, the caller is one whose unit could not be found out."
            )
            try members.optional(
                "user_unit",
                &userUnit,
                .text(1...255),
                doc:
                    "The unit of the manager of the caller's own user that the caller is of; its `unit` then is `user@UID.service`."
            )
        }

        /// Checks that users and rights are given in one way only.
        public func checkMembers() throws(SchemaViolation) {
            guard params != nil else { return }
            if target != nil { throw SchemaViolation(.only("without params"), at: "target") }
            if !fieldRights.isEmpty { throw SchemaViolation(.only("without params"), at: "field_rights") }
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
        public var allowed = false
        /// Why, in a sentence.
        public var reason = ""
        /// The rule that decided; nil when none did.
        public var rule: String?
        /// The client that the call would use.
        public var client: String?
        /// Whether the caller would be told reasons and Mosaic's answers.
        public var details = false
        /// Whether the throttle would tell people apart by the address that the caller states.
        public var trustsClientIP: Bool?
        /// The rules that were looked at, in their order.
        public var rules: [RuleOutcome] = []

        /// All members blank.
        public init() {}

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

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("allowed", &allowed, doc: "Whether the call would be let through.")
            try members.required("reason", &reason, doc: "Why, in a sentence.")
            try members.required(
                "details",
                &details,
                doc: "Whether the caller would be told reasons and Mosaic's answers."
            )
            try members.required(
                "rules",
                &rules,
                .array(of: .object(RuleOutcome.self), maximumCount: 4096),
                doc: "The rules that were looked at, in their order."
            )
            try members.optional("rule", &rule, doc: "The rule that decided.")
            try members.optional("client", &client, doc: "The client that the call would use.")
            try members.optional(
                "trust_client_ip",
                &trustsClientIP,
                doc: "Whether the throttle would tell people apart by `client_attributes.ip_address`."
            )
        }
    }

    /// What one rule had to say.
    public struct RuleOutcome: WireObject, Hashable {
        /// The rule's name.
        public var rule = ""
        /// Whether it is about this caller.
        public var matches = false
        /// Whether it lets the call through.
        public var allows = false
        /// Why, in a sentence.
        public var reason = ""

        /// All members blank.
        public init() {}

        /// What one rule had to say.
        public init(rule: String, matches: Bool, allows: Bool, reason: String) {
            self.rule = rule
            self.matches = matches
            self.allows = allows
            self.reason = reason
        }

        /// The members.
        public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
            try members.required("rule", &rule, doc: "The rule's name.")
            try members.required("matches", &matches, doc: "Whether it is about this caller.")
            try members.required("allows", &allows, doc: "Whether it lets the call through.")
            try members.required("reason", &reason, doc: "Why, in a sentence.")
        }
    }
}

extension Target: WireObject {
    /// The name of the schema where it is a member.
    public static let schemaName = "PolicyExplainTarget"

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.required("kind", &kind, .choice(IdentifierKind.known.map(\.name)), doc: "The kind of identifier.")
        try members.required(
            "value",
            &identifier,
            .text(1...ProtocolLimits.maximumIdentifierBytes),
            doc: "The identifier."
        )
    }
}
