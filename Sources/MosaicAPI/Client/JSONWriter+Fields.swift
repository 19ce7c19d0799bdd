import Secrets
import StrictJSON

/// Fields of request bodies; a field that was not given is left out.
extension JSONWriter {
    mutating func field(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    mutating func field(_ name: String, _ value: Secret?) {
        guard let value else { return }
        key(name)
        secret(value)
    }

    mutating func field(_ name: String, _ value: Int?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    mutating func field(_ name: String, _ value: Bool?) {
        guard let value else { return }
        key(name)
        boolean(value)
    }

    mutating func field(_ name: String, _ values: [String]?) {
        guard let values else { return }
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// An object that was checked by its giver, forwarded as the same text.
    mutating func field(_ name: String, _ value: JSONText?) {
        guard let value else { return }
        key(name)
        raw(value)
    }
}

extension UpstreamRequest.Body {
    /// A JSON object with the fields that `write` writes, kept as a secret.
    ///
    /// - Parameter capacity: More bytes than the body can have, so that no outgrown buffer stays behind unwiped.
    static func object(capacity: Int, _ write: (inout JSONWriter) -> Void) -> UpstreamRequest.Body {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return .json(writer.takeSecret())
    }
}
