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
                allowingUnknown: false
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
    /// The user whom checked parameters of this method are about.
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
        for field in parameters {
            guard let needed = field.right, let value = params?[field.name] else { continue }
            if let only = needed.value, !value.isWritten(as: only) { continue }
            rights.append(needed.right)
        }
        return rights
    }
}

extension JSONValue {
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
