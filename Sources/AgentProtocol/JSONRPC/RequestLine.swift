public import StrictJSON

/// Writes the lines that a client sends; all are without LF.
public enum RequestLine {
    /// A call of any method, with parameters given as JSON text.
    public static func call(id: RequestID, method: String, params: JSONText?) -> [UInt8] {
        write(id: id, method: method, params: params.map { text in { writer in writer.raw(text) } })
    }

    /// The wish to end the call `id`.
    public static func cancel(_ id: RequestID) -> [UInt8] {
        write(id: nil, method: Envelope.cancelMethod) { writer in
            writer.beginObject()
            writer.key("id")
            id.encode(to: &writer)
            writer.endObject()
        }
    }

    static func write(id: RequestID?, method: String, params: ((inout JSONWriter) -> Void)?) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        if let id {
            writer.key("id")
            id.encode(to: &writer)
        }
        writer.key("method")
        writer.string(method)
        if let params {
            writer.key("params")
            params(&writer)
        }
        writer.endObject()
        return writer.bytes
    }
}
