public import StrictJSON

extension MethodTable {
    /// The OpenRPC document of this socket, as `rpc.discover` answers it.
    ///
    /// - Parameter version: the version of the agent.
    public func openRPC(version: String) -> JSONText {
        JSONText { writer in
            writer.beginObject()
            writer.member("openrpc", "1.3.2")
            encodeInfo(version, to: &writer)
            writer.key("servers")
            writer.beginArray()
            writer.beginObject()
            writer.member("name", socket.rawValue)
            writer.member("url", "unix://\(socket.defaultPath)")
            writer.endObject()
            writer.endArray()
            writer.key("methods")
            writer.beginArray()
            for method in methods { method.descriptor.encodeOpenRPC(to: &writer) }
            writer.endArray()
            encodeComponents(to: &writer)
            writer.endObject()
        }
    }

    private func encodeInfo(_ version: String, to writer: inout JSONWriter) {
        writer.key("info")
        writer.beginObject()
        writer.member("title", "mosaicd, \(socket.rawValue) socket")
        writer.member("version", version)
        writer.member(
            "description",
            """
            JSON-RPC 2.0 as a strict profile: one request per line in UTF-8, ended by LF; no batches; params by name; no \
            notifications but $/cancel from the client and those that a method names in x-notifications. Limits of \
            strings are in bytes of UTF-8 (x-max-bytes). Values with x-sensitive are secrets. null for an optional \
            parameter is as if it were absent, except where a method says otherwise. x-params-schema says which \
            parameters go together. Readers of results ignore members they do not know.
            """
        )
        writer.key("license")
        writer.beginObject()
        writer.member("name", "Apache-2.0")
        writer.endObject()
        writer.endObject()
    }

    private func encodeComponents(to writer: inout JSONWriter) {
        writer.key("components")
        writer.beginObject()
        writer.key("schemas")
        writer.beginObject()
        SchemaComponents(of: methods.map { $0.descriptor }).encode(to: &writer)
        writer.key("meta")
        writer.beginObject()
        Schema.encodeObject(CallMetadata.fields, to: &writer, as: .input)
        writer.endObject()
        writer.endObject()
        writer.key("errors")
        writer.beginObject()
        let used = Set(methods.flatMap { $0.descriptor.allErrors })
        for entry in ErrorKind.table where used.contains(entry.kind) {
            writer.key(entry.kind.name)
            writer.beginObject()
            writer.member("code", entry.code)
            writer.member("message", entry.summary)
            writer.key("data")
            writer.beginObject()
            writer.member("kind", entry.kind.name)
            writer.endObject()
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
    }
}

extension MethodDescriptor {
    /// The errors that the method answers, in the order of the table of errors.
    ///
    /// Not among them are those of lines that are no calls: `parse_error`, `invalid_request`, `method_not_found`.
    public var allErrors: [ErrorKind] {
        var kinds: Set<ErrorKind> = [
            .invalidParams, .internal, .cancelled, .overloaded, .deadlineExceeded, .shuttingDown, .resultTooLarge,
        ]
        if requirement != .everyone { kinds.insert(.forbidden) }
        if budget != nil { kinds.insert(.throttled) }
        kinds.formUnion(errors)
        return ErrorKind.table.map(\.kind).filter { kinds.contains($0) }
    }

    /// What a caller should know, with what follows from the budget.
    var fullDoc: String { budget.map { "\(doc) \($0.advice)" } ?? doc }

    func encodeOpenRPC(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("summary", summary)
        writer.member("description", fullDoc)
        writer.member("paramStructure", "by-name")
        writer.key("params")
        writer.beginArray()
        for field in parameters { field.encodeContentDescriptor(to: &writer, as: .input) }
        encodeMetaDescriptor(to: &writer)
        writer.endArray()
        writer.key("result")
        writer.beginObject()
        writer.member("name", "result")
        writer.key("schema")
        encodeResultSchema(to: &writer)
        writer.endObject()
        writer.key("errors")
        writer.beginArray()
        for kind in allErrors {
            writer.beginObject()
            writer.member("$ref", "#/components/errors/\(kind.name)")
            writer.endObject()
        }
        writer.endArray()
        encodeExtensions(to: &writer)
        writer.endObject()
    }

    private func encodeMetaDescriptor(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", "meta")
        writer.member("description", "What the call says about itself.")
        writer.member("required", false)
        writer.key("schema")
        writer.reference(toSchema: "meta")
        writer.endObject()
    }

    private func encodeExtensions(to writer: inout JSONWriter) {
        if case .right(let right) = requirement { writer.member("x-right", right.name) }
        writer.member("x-uniform", isUniform)
        writer.member("x-retry", retryClass.name)
        if let budget { writer.member("x-budget", budget.rawValue) }
        if !furtherRights.isEmpty { writer.member("x-further-rights", furtherRights.map(\.name)) }
        if let target { writer.member("x-target", target.names) }
        if let choice {
            writer.key("x-params-schema")
            choice.encodeJSONSchema(to: &writer)
        }
        if isSend { writer.member("x-idempotent", true) }
        guard !notifications.isEmpty else { return }
        writer.key("x-notifications")
        writer.beginArray()
        for notification in notifications {
            writer.beginObject()
            writer.member("name", notification.name)
            writer.member("description", notification.doc)
            writer.member("paramStructure", "by-name")
            writer.key("params")
            writer.beginArray()
            for field in notification.parameters { field.encodeContentDescriptor(to: &writer, as: .output) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }
}

extension Field {
    fileprivate func encodeContentDescriptor(to writer: inout JSONWriter, as use: SchemaUse) {
        writer.beginObject()
        writer.member("name", name)
        writer.member("description", doc)
        writer.member("required", isRequired)
        writer.key("schema")
        encodeJSONSchema(to: &writer, as: use)
        writer.endObject()
    }
}

extension RetryClass {
    /// The name in documents.
    var name: String {
        switch self {
        case .local: "local"
        case .read: "read"
        case .idempotent: "idempotent"
        case .effect: "effect"
        }
    }
}

extension SocketKind {
    /// Where the socket is unless configured.
    public var defaultPath: String {
        switch self {
        case .main: "/run/mosaicd/mosaicd.sock"
        case .control: "/run/mosaicd/control.sock"
        }
    }
}
