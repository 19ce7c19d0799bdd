package import StrictJSON

extension AgentMethod {
    /// The name on the wire.
    public static var name: String { descriptor.name }

    /// Checks the parameters against the schema and takes them; `meta` is left to ``Request/metadata()``.
    ///
    /// - Throws: `invalid_params` with the parameter at fault, never with its value.
    public static func parameters(of request: Request) throws(ProtocolError) -> Parameters {
        let params = request.params ?? .emptyObject
        guard params.kind == .object else { throw request.paramsAreNoObject }
        do throws(SchemaViolation) {
            try Schema.checkMembers(
                of: params,
                against: Parameters.fields,
                ignoring: "meta",
                as: descriptor.refusesNull ? .parametersWithoutNull : .parameters
            )
            // Not left to the type's own reading: access and audit rely on it.
            _ = try descriptor.target?.target(in: params)
            return try Parameters(reading: ObjectReader(params))
        } catch {
            throw request.invalidParams(error)
        }
    }

    /// The answer line for `result`, without LF.
    public static func answerLine(id: RequestID, result: Result) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        id.encode(to: &writer)
        writer.key("result")
        result.encode(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// The request line for a call, without LF.
    public static func requestLine(
        id: RequestID,
        parameters: Parameters,
        metadata: CallMetadata = CallMetadata()
    ) -> [UInt8] {
        RequestLine.write(id: id, method: name) { writer in
            writer.beginObject()
            parameters.encodeMembers(to: &writer)
            if !metadata.isDefault { writer.member("meta", metadata) }
            writer.endObject()
        }
    }
}

extension MethodDescriptor {
    /// Checks parameters of which some that are required may be missing.
    ///
    /// - Returns: what they say in `meta`.
    package func check(partial params: JSONValue) throws(SchemaViolation) -> CallMetadata {
        let content: CheckedContent = refusesNull ? .parametersWithoutNull : .parameters
        try Schema.checkMembers(of: params, against: parameters, ignoring: "meta", as: content, isPartial: true)
        if let target, target.names.contains(where: { params.member($0) != nil }) {
            _ = try target.target(in: params)
        }
        return try CallMetadata(inside: params)
    }

    /// The user that checked parameters of this method are about.
    package func target(in params: JSONValue?) -> Target? {
        guard let params, let target else { return nil }
        do throws(SchemaViolation) {
            return try target.target(in: params)
        } catch {
            // Parameters that break the rule were refused when they were taken.
            return nil
        }
    }

    /// The rights that checked parameters need beyond the method's own.
    package func fieldRights(usedBy params: JSONValue?) -> [Right] {
        var rights = furtherRights
        for field in parameters where field.right != nil {
            if let right = field.rightNeeded(by: params) { rights.append(right) }
        }
        return rights
    }

    /// What in the request needs the right, in words; nil where the method itself needs it.
    package func useNeeding(_ right: Right, in request: Request) -> String? {
        guard !furtherRights.contains(right),
            let field = parameters.first(where: { $0.rightNeeded(by: request.params) == right })
        else { return nil }
        return field.right?.value.map { "\(field.name)=\($0)" } ?? "the parameter \(field.name)"
    }
}

extension Field {
    /// The field's own right, if these parameters make use of it.
    fileprivate func rightNeeded(by params: JSONValue?) -> Right? {
        guard let right, let value = params?.member(name) else { return nil }
        if let only = right.value, !value.isWritten(as: only) { return nil }
        return right.right
    }
}

extension JSONValue {
    /// The member with this key; nil when it is absent or null.
    func member(_ key: String) -> JSONValue? {
        guard let member = self[key], !member.isNull else { return nil }
        return member
    }

    /// Whether it is the string `text`, or a boolean written so.
    fileprivate func isWritten(as text: String) -> Bool {
        kind == .string ? matches(text) : rawBytes.elementsEqual(text.utf8)
    }

    /// `{}`.
    static let emptyObject = JSONText { writer in
        writer.beginObject()
        writer.endObject()
    }.value
}
