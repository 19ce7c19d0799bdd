import Secrets
package import StrictJSON

/// Parameters that several methods share, each with one schema and one text.
extension MemberVisitor {
    /// `session_id` of an authentication.
    mutating func joinedSessionID(_ value: inout Secret?) throws(Failure) {
        try optional(
            "session_id",
            &value,
            .text(1...4096),
            doc: "An existing session to join, for a further factor. Without it a new session begins."
        )
    }

    /// `org_id`.
    mutating func orgID(_ value: inout String?) throws(Failure) {
        try optional("org_id", &value, .text(1...256), doc: "The organization that a member logs in to.")
    }

    /// `resource`.
    mutating func resource(_ value: inout String?) throws(Failure) {
        try optional(
            "resource",
            &value,
            .text(1...2048),
            doc: "The resource URI that becomes the audience of the access token; it must be set up at Mosaic."
        )
    }

    /// `claims`, forwarded as the same text.
    mutating func claims(_ value: inout JSONText?) throws(Failure) {
        try optional(
            "claims",
            &value,
            .freeObject(maximumBytes: ProtocolLimits.maximumFreeObjectBytes),
            doc: "Claims to be put into the tokens: an object as in OpenID Connect's `claims` parameter with the "
                + "members `id_token` and `access_token`. Passed on as the same text."
        )
    }

    /// `client_attributes`.
    mutating func clientAttributes(_ value: inout ClientAttributes?) throws(Failure) {
        try optional(
            "client_attributes",
            &value,
            doc: "What is known of the end user's own client; never the agent or the caller."
        )
    }

    /// `device_id`.
    mutating func deviceID(_ value: inout String?) throws(Failure) {
        try optional(
            "device_id",
            &value,
            .formed(.characters(80), 1...320),
            doc: "The device that the end user uses, as the application names it."
        )
    }

    /// `email_content`: needs the right `mail-content`.
    mutating func emailContent(_ value: inout EmailContent?) throws(Failure) {
        try optional(
            "email_content",
            &value,
            right: FieldRight(.mailContent),
            doc: "The texts of the mail. It replaces the whole template: what is left out stays empty."
        )
    }

    /// `custom_sms_input`: needs the right `mail-content`.
    mutating func customSMSInput(_ value: inout CustomSMSInput?) throws(Failure) {
        try optional(
            "custom_sms_input",
            &value,
            right: FieldRight(.mailContent),
            doc: "The text of the message and its sender."
        )
    }

    /// `approval_data`, forwarded and echoed as the same text.
    mutating func approvalData(_ value: inout JSONText?) throws(Failure) {
        try optional(
            "approval_data",
            &value,
            .flatObject(maximumCount: 10, maximumBytes: 4096),
            doc:
                "What the user approves with the code. Keys and values may only have letters, digits, `_`, `-` and `.`. It "
                + "comes back in the result, and in the ID token once the code has been checked."
        )
    }

    /// `generate_request_id` of a send.
    mutating func generateRequestID(_ value: inout Bool?) throws(Failure) {
        try optional(
            "generate_request_id",
            &value,
            doc:
                "Whether to bind the code to this call: the result then has a `request_id`, without which the code is not "
                + "accepted. Default false."
        )
    }

    /// `request_id` of an authentication.
    mutating func requestID(_ value: inout String?) throws(Failure) {
        try optional("request_id", &value, .text(1...256), doc: "The `request_id` of the send, if one was asked for.")
    }

    /// `replayed` beside `accepted`.
    mutating func replayed(_ value: inout Bool?) throws(Failure) {
        try optional(
            "replayed",
            &value,
            doc:
                "True if this is the answer of an earlier call under the same `meta.idempotency_key`: nothing was sent again."
        )
    }

    /// `reason` beside a verdict.
    mutating func reason(_ value: inout String?) throws(Failure) {
        try optional(
            "reason",
            &value,
            .text(1...64),
            doc: "Why, for callers whose rule says `Details=yes`; the journal always has it."
        )
    }
}

/// Members of results with tokens that several methods share, each with one schema and one text.
extension MemberVisitor {
    /// `access_token` of a user.
    mutating func grantedAccessToken(_ value: inout Secret) throws(Failure) {
        try required("access_token", &value, doc: "The user access token.")
    }

    /// `id_token`.
    mutating func grantedIDToken(_ value: inout Secret?) throws(Failure) {
        try optional("id_token", &value, doc: "The ID token.")
    }

    /// `user_id`.
    mutating func grantedUserID(_ value: inout String?) throws(Failure) {
        try optional("user_id", &value, doc: "The user's id, the `sub` of the ID token.")
    }

    /// `amr`.
    mutating func grantedAMR(_ value: inout [String]?) throws(Failure) {
        try optional(
            "amr",
            &value,
            .array(of: .anyText, maximumCount: 64),
            doc: "The methods the user has authenticated with, from the ID token."
        )
    }
}

extension VerdictSchema {
    /// The schema of `denied`, which has nothing but the reason for those who may know it.
    static func denied(doc: String) -> VerdictSchema {
        VerdictSchema(.denied, Denial.fields, doc: doc)
    }
}

/// What stands beside the verdict `denied`.
struct Denial: WireObject {
    var reason: String?

    mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.reason(&reason)
    }
}

/// A parameter, or a part of one, that names a user beside the method's target: an address to send to instead of the
/// user's own, a login name to be set.
struct IdentifyingParameter: Sendable {
    /// The names that lead to it.
    let path: [String]
    /// The kind of identifier that it is.
    let kind: IdentifierKind

    /// Those among the fields and their members, in their order.
    static func all(in fields: [Field], inside path: [String] = []) -> [IdentifyingParameter] {
        fields.flatMap { field -> [IdentifyingParameter] in
            let path = path + [field.name]
            if let kind = field.identifies { return [IdentifyingParameter(path: path, kind: kind)] }
            switch field.schema {
            case .object(_, let members), .array(of: .object(_, let members), _): return all(in: members, inside: path)
            default: return []
            }
        }
    }

    /// Adds the users that it names in `value`, from the path's place `depth` on.
    fileprivate func collect(from value: JSONValue, depth: Int = 0, into targets: inout [Target]) {
        if let elements = value.elements {
            for element in elements { collect(from: element, depth: depth, into: &targets) }
        } else if depth == path.count {
            if let bytes = value.utf8 { targets.append(Target(kind: kind, identifier: Identifier(bytes: bytes))) }
        } else if let member = value[path[depth]] {
            collect(from: member, depth: depth + 1, into: &targets)
        }
    }
}

extension MethodDescriptor {
    /// The users that checked parameters of this method name beside its target.
    package func furtherTargets(in params: JSONValue?) -> [Target] {
        guard let params, !identifyingParameters.isEmpty else { return [] }
        var targets: [Target] = []
        for parameter in identifyingParameters { parameter.collect(from: params, into: &targets) }
        return targets
    }

    /// The kinds of identifier by which a call can name its target; nil when any kind will do.
    package var targetKinds: [IdentifierKind]? {
        switch target {
        case .typed, .oneOfOrNamed: nil
        case .oneOf(let kinds, _), .firstOf(let kinds): kinds
        case nil: []
        }
    }
}

/// Which parameters of a method are given together: sets of names of which all members are given or none.
///
/// For the discovery document, as a schema of the whole parameters; the types of the parameters check it themselves.
public enum ParameterChoice: Hashable, Sendable {
    /// Exactly one of the sets.
    case exactlyOne([[String]])
    /// One of the sets, or none.
    case atMostOne([[String]])
    /// One of the parameters, or several.
    case atLeastOne([String])

    /// Writes a JSON Schema that says it.
    func encodeJSONSchema(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("type", "object")
        switch self {
        case .exactlyOne(let sets):
            writer.key("oneOf")
            writer.beginArray()
            for set in sets { Self.encode(set, to: &writer) }
            writer.endArray()
        case .atMostOne(let sets):
            writer.key("oneOf")
            writer.beginArray()
            for set in sets { Self.encode(set, to: &writer) }
            writer.beginObject()
            writer.key("not")
            Self.encodeAny(of: sets, to: &writer)
            writer.endObject()
            writer.endArray()
        case .atLeastOne(let names):
            writer.key("anyOf")
            writer.beginArray()
            for name in names { Self.encode([name], to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }

    private static func encodeAny(of sets: [[String]], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("anyOf")
        writer.beginArray()
        for set in sets { encode(set, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private static func encode(_ set: [String], to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("required", set)
        writer.endObject()
    }
}

extension TargetRule {
    /// The choice that it leaves to a caller; nil where it leaves none.
    var choice: ParameterChoice? {
        switch self {
        case .typed: nil
        case .oneOf(let kinds, _) where kinds.count == 1: nil
        case .oneOf(let kinds, let isRequired):
            isRequired ? .exactlyOne(kinds.map { [$0.name] }) : .atMostOne(kinds.map { [$0.name] })
        case .oneOfOrNamed(let kinds, let name, let value): .exactlyOne(kinds.map { [$0.name] } + [[name, value]])
        case .firstOf(let kinds): .atLeastOne(kinds.map(\.name))
        }
    }
}

/// The optional parameters that sending a code and sending a link share.
public struct MessageOptions: WireObject, Hashable {
    /// Whether the code or link is bound to this call.
    public var generateRequestID: Bool?
    /// The texts of the mail.
    public var emailContent: EmailContent?
    /// What is known of the end user's own client.
    public var clientAttributes: ClientAttributes?
    /// The device that the end user uses.
    public var deviceID: String?

    /// All members blank.
    public init() {}

    /// Options, none of them needed.
    public init(
        generateRequestID: Bool? = nil,
        emailContent: EmailContent? = nil,
        clientAttributes: ClientAttributes? = nil,
        deviceID: String? = nil
    ) {
        self.generateRequestID = generateRequestID
        self.emailContent = emailContent
        self.clientAttributes = clientAttributes
        self.deviceID = deviceID
    }

    /// The members.
    public mutating func visit<V: MemberVisitor>(_ members: inout V) throws(V.Failure) {
        try members.generateRequestID(&generateRequestID)
        try members.emailContent(&emailContent)
        try members.clientAttributes(&clientAttributes)
        try members.deviceID(&deviceID)
    }
}
