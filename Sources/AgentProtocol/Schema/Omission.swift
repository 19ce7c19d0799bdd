import StrictJSON

extension Field {
    /// `omitted` of results that pass on what Mosaic sent: read with `optionalTexts`, written with `omitted(_:)`.
    static func omitted(_ doc: String) -> Field {
        Field(
            "omitted",
            .array(of: .anyText, maximumCount: .max),
            doc:
                "What Mosaic sent and the answer leaves out, because it breaks this protocol's rules for JSON or has not the "
                + "documented type; absent when nothing is left out. " + doc
        )
    }

    /// `omitted` of results about one object.
    static func omittedMembers(of object: String) -> Field {
        omitted("The names of members of `\(object)`. Do not write `\(object)` back as if it were whole.")
    }

    /// `omitted` of results with a list.
    static func omittedElements(of list: String) -> Field {
        omitted(
            "`\(list)[0].name` is a member of the first element of `\(list)`; `list[0]` is the first element of Mosaic's list, "
                + "left out whole."
        )
    }
}

extension JSONWriter {
    /// Writes `omitted`, unless it is empty.
    mutating func omitted(_ names: [String]) { member("omitted", names.isEmpty ? nil : names) }
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
