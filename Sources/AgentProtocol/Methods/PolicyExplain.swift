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
