public import StrictJSON

/// What was decided about something that a user has shown: it is right and brings something, or it is not.
public enum GrantedOrDenied<Grant: GrantMembers>: MethodResult, VerdictBearing {
    /// It is right; here is what it brings.
    case granted(Grant)
    /// Not so; the reason is told only to callers whose rule says `Details=yes`.
    case denied(reason: String?)

    /// What was decided, by name.
    public var verdict: Verdict {
        switch self {
        case .granted: .granted
        case .denied: .denied
        }
    }

    /// After the members of a grant.
    public static var schemaName: String { "\(Grant.schemaName)OrDenied" }

    /// The schema per verdict.
    public static var schema: Schema {
        .verdicts([
            VerdictSchema(.granted, Grant.fields, doc: Grant.grantedDoc),
            .denied(doc: Grant.deniedDoc),
        ])
    }

    /// Takes the values of the members that the verdict has.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        switch Verdict(try object.text("verdict")) {
        case .granted: self = .granted(try Grant(reading: object))
        case .denied: self = .denied(reason: try object.optionalText("reason"))
        default: throw SchemaViolation(.choice(["granted", "denied"]), at: "verdict")
        }
    }

    /// Writes the result.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("verdict", verdict.name)
        switch self {
        case .granted(let grant): grant.encodeMembers(to: &writer)
        case .denied(let reason): writer.member("reason", reason)
        }
        writer.endObject()
    }
}

/// What stands beside the verdict `granted` of a ``GrantedOrDenied``.
public protocol GrantMembers: WireObject {
    /// When the verdict is `granted`.
    static var grantedDoc: String { get }
    /// When it is `denied` instead.
    static var deniedDoc: String { get }
}
