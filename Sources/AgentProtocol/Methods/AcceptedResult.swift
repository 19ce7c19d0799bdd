public import StrictJSON

/// The result of a method that has something sent: the one verdict `accepted`, and members beside it.
///
/// A conforming type lists its members in `fields` and reads and writes them as any ``WireObject``; the verdict is added
/// here. It should have ``Field/reason`` and ``Field/replayed`` among them.
public protocol AcceptedResult: WireObject, MethodResult, VerdictBearing {
    /// When this is the result.
    static var acceptedDoc: String { get }
    /// True in the answer to a repeat under the same `meta.idempotency_key`, for which nothing was sent; else nil.
    var replayed: Bool? { get set }
}

extension AcceptedResult {
    /// Always `accepted`.
    public var verdict: Verdict { .accepted }

    /// The same result, marked as that of an earlier call.
    public var asReplay: Self {
        var replay = self
        replay.replayed = true
        return replay
    }

    /// The members beside the verdict.
    public static var schema: Schema { .verdicts([VerdictSchema(.accepted, fields, doc: acceptedDoc)]) }

    /// Writes the verdict and the members.
    public func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("verdict", verdict.name)
        encodeMembers(to: &writer)
        writer.endObject()
    }
}

/// The result of a send that brings nothing back.
public struct SendResult: AcceptedResult, Hashable {
    /// Why nothing was sent after all, for callers whose rule says `Details=yes`.
    public var reason: String?
    /// True in the answer to a repeat, for which nothing was sent.
    public var replayed: Bool?

    /// A send that was taken on.
    public init(reason: String? = nil) { self.reason = reason }

    /// The members beside the verdict.
    public static let fields: [Field] = [.reason, .replayed]

    /// When this is the result.
    public static let acceptedDoc =
        "The message is on its way, if the user exists and can get it. The answer does not say whether."

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        reason = try object.optionalText("reason")
        replayed = try object.optionalBoolean("replayed")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("reason", reason)
        writer.member("replayed", replayed)
    }
}
