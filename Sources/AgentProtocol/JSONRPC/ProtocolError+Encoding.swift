package import StrictJSON

extension ProtocolError {
    /// The complete answer line, without LF.
    public func line() -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("jsonrpc")
        writer.string("2.0")
        writer.key("id")
        if let id { id.encode(to: &writer) } else { writer.null() }
        writer.key("error")
        encode(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    /// Writes the error object: code, message and data.
    package func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        writer.key("data")
        writer.beginObject()
        writer.member("kind", kind.name)
        writer.member("retryable", retryable)
        writer.member("call_id", callID)
        writer.member("outcome", outcome?.rawValue)
        writer.member("retry_after_ms", retryAfterMilliseconds)
        writer.member("param", parameter)
        if let upstream {
            writer.key("upstream")
            writer.beginObject()
            writer.member("status", upstream.status)
            writer.member("code", upstream.code)
            writer.endObject()
        }
        if !violations.isEmpty {
            writer.key("violations")
            writer.beginArray()
            for violation in violations {
                writer.beginObject()
                writer.member("code", violation.code)
                writer.member("message", violation.message)
                writer.endObject()
            }
            writer.endArray()
        }
        if replayed { writer.member("replayed", true) }
        writer.endObject()
        writer.endObject()
    }

    /// Reads an error object; unknown kinds and members are no obstacle, a missing `data` is taken as no information.
    package init?(_ json: JSONValue, id: RequestID?) {
        guard let code = json["code"]?.integer, let message = json["message"]?.string else { return nil }
        let data = json["data"]
        let kind = data?["kind"]?.string.map { ErrorKind($0) } ?? ErrorKind(code: Int(code)) ?? ErrorKind("unknown")
        self.init(kind, message, id: id)
        self.code = Int(code)
        retryable = data?["retryable"]?.boolean ?? false
        callID = data?["call_id"]?.string
        replayed = data?["replayed"]?.boolean ?? false
        outcome = data?["outcome"]?.string.map { Outcome(name: $0) }
        retryAfterMilliseconds = data?["retry_after_ms"]?.integer.map { Int($0) }
        parameter = data?["param"]?.string
        upstream = data?["upstream"].flatMap { upstream in
            upstream["status"]?.integer.map { Upstream(status: Int($0), code: upstream["code"]?.string) }
        }
        for violation in data?["violations"]?.elements.map(Array.init) ?? [] {
            violations.append(
                Violation(code: violation["code"]?.string, message: violation["message"]?.string ?? "")
            )
        }
    }
}
