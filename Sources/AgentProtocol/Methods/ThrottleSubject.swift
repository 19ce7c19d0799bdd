import StrictJSON

/// Whose records of the throttle are meant: those about one user, or those of one caller.
public enum ThrottleSubject: Hashable, Sendable {
    /// The user that calls name so, in any application.
    case user(Target)
    /// The same, named by the hash that the audit trail and `throttle.list` show.
    case target(TargetHash)
    /// The caller with this user id, at whatever address.
    case caller(UInt32)

    /// The parameters that go together; at most one of these groups is given.
    static let choices = [["kind", "value"], ["target"], ["uid"]]

    /// The members that say it.
    ///
    /// - Parameter what: what is done with the records, as the beginning of a sentence.
    static func fields(_ what: String) -> [Field] {
        [
            Field(
                "kind",
                .text(1...256),
                doc: """
                    The kind of identifier in `value`, as the calls had it: `username`, `email`, `phone_number`, `user_id`, \
                    `external_user_id`, or a type of the application's own.
                    """
            ),
            Field(
                "value",
                .text(1...ProtocolLimits.maximumIdentifierBytes),
                doc: """
                    \(what) about the user that calls name so, in any case of ASCII letters, and in any spelling of \
                    the digits of a `phone_number`. Given with `kind`, or not at all.
                    """
            ),
            Field(
                "target",
                .formed(.targetHash, 32...32),
                doc:
                    "\(what) about the user with this hash, as in `MOSAIC_TARGET` and in the answer of `throttle.list`."
            ),
            Field("uid", .systemID, doc: "\(what) of callers with this user id."),
        ]
    }

    /// Takes the members; nil when none of them is there.
    ///
    /// - Throws: when there is more than one, or only half of the first.
    static func read(from object: ObjectReader) throws(SchemaViolation) -> ThrottleSubject? {
        var found: [ThrottleSubject] = []
        switch (try object.optionalText("kind"), try object.optionalIdentifier("value")) {
        case (let kind?, let value?): found.append(.user(Target(kind: IdentifierKind(kind), identifier: value)))
        case (_?, nil): throw SchemaViolation(.missing, at: "value")
        case (nil, _?): throw SchemaViolation(.missing, at: "kind")
        case (nil, nil): break
        }
        if let hash = try object.optionalTargetHash("target") { found.append(.target(hash)) }
        if let uid = try object.optionalInteger("uid", as: UInt32.self) { found.append(.caller(uid)) }
        if found.count > 1, let first = found.first, let last = found.last {
            throw SchemaViolation(.only("without \(first.name)"), at: last.name)
        }
        return found.first
    }

    /// The member that says it; of `kind` and `value` the latter, which holds the user.
    var name: String {
        switch self {
        case .user: "value"
        case .target: "target"
        case .caller: "uid"
        }
    }

    /// Writes the members.
    func encodeMembers(to writer: inout JSONWriter) {
        switch self {
        case .user(let target):
            writer.member("kind", target.kind.name)
            writer.member("value", target.identifier)
        case .target(let hash): writer.member("target", hash.description)
        case .caller(let uid): writer.member("uid", uid)
        }
    }
}
