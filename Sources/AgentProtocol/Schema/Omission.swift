import StrictJSON

extension MemberVisitor {
    /// `omitted` of a result with one object of Mosaic's.
    mutating func omittedMembers(_ names: inout [String], of object: String) throws(Failure) {
        try omitted(
            &names,
            "The names of members of `\(object)`. Do not write `\(object)` back as if it were whole."
        )
    }

    /// `omitted` of a result with a list of Mosaic's.
    mutating func omittedElements(_ names: inout [String], of list: String) throws(Failure) {
        try omitted(
            &names,
            "`\(list)[0].name` is a member of the first element of `\(list)`; `list[0]` is the first element of Mosaic's list, "
                + "left out whole."
        )
    }

    private mutating func omitted(
        _ names: inout [String],
        _ doc: @autoclosure () -> String
    ) throws(Failure) {
        try optional(
            "omitted",
            &names,
            usually: [],
            doc:
                "What Mosaic sent and the answer leaves out, because it breaks this protocol's rules for JSON or has not the "
                + "documented type; absent when nothing is left out. " + doc()
        )
    }
}

extension JSONText {
    /// The object without those of its known members that have not the documented type.
    ///
    /// - Parameters:
    ///   - fields: The members that are known; others stay.
    ///   - omitted: Receives the names of members that were left out. A null says no more than the absence of the member and is
    ///     left out without a word, unless Mosaic documents that the member is always there.
    func leavingOutMistyped(_ fields: [Field], always: [String] = [], omitted: inout [String]) -> JSONText {
        guard let members = value.members else { return self }
        var mistyped: [String] = []
        for (key, member) in members {
            guard let field = fields.first(where: { key.matches($0.name) }) else { continue }
            do throws(SchemaViolation) {
                try field.schema.check(member, as: .result)
            } catch {
                mistyped.append(field.name)
                if !member.isNull || always.contains(field.name) { omitted.append(field.name) }
            }
        }
        if mistyped.isEmpty { return self }
        return JSONText { writer in
            writer.beginObject()
            for (key, member) in members where !mistyped.contains(where: { key.matches($0) }) {
                writer.key(key.string ?? "")
                writer.raw(member.rawText)
            }
            writer.endObject()
        }
    }
}
