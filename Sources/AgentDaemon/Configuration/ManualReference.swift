import AgentProtocol
import StrictJSON

/// What the manual pages take from the program, so that they cannot say anything else: the keys of the configuration,
/// what rules can allow, the variables and the exit statuses.
///
/// `scripts/make-manual` reads it from `mosaicd --dump-reference`; it is no interface for anybody else.
enum ManualReference {
    /// One JSON object: `sections`, `rights`, `environment`, `exit_statuses`.
    static var json: [UInt8] {
        var writer = JSONWriter(capacity: 65_536)
        writer.beginObject()
        writer.array("sections", SectionKind.allCases) { write($0, to: &$1) }
        writer.array("rights", RightsCatalogue.main.entries) { write($0, to: &$1) }
        writer.array("environment", EnvironmentOverride.allCases) { variable, writer in
            writer.member("name", variable.rawValue)
            writer.member("key", variable.key)
        }
        writer.array("exit_statuses", AgentError.Kind.allCases) { kind, writer in
            writer.key("status")
            writer.integer(kind.rawValue)
            writer.member("meaning", kind.meaning)
        }
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ section: SectionKind, to writer: inout JSONWriter) {
        writer.member("name", section.rawValue)
        writer.member("header", section.header)
        writer.member("documentation", section.documentation)
        writer.array("keys", section.keys) { key, writer in
            writer.member("name", key.name)
            writer.member("allowed", key.allowed)
            if let fallback = key.fallback { writer.member("fallback", fallback) }
            writer.key("has_default_value")
            writer.boolean(key.hasDefaultValue)
            writer.member("documentation", key.documentation)
        }
    }

    private static func write(_ entry: RightsCatalogue.Entry, to writer: inout JSONWriter) {
        writer.member("name", entry.right.name)
        let kind =
            switch entry.kind {
            case .group: "group"
            case .takeover: "takeover"
            case .field: "field"
            }
        writer.member("kind", kind)
        writer.member("documentation", entry.documentation)
        writer.key("methods")
        writer.beginArray()
        for method in RightsCatalogue.main.methods where method.right == entry.right { writer.string(method.name) }
        writer.endArray()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: String, _ value: String) {
        self.key(key)
        string(value)
    }

    fileprivate mutating func array<T>(_ key: String, _ items: [T], _ write: (T, inout JSONWriter) -> Void) {
        self.key(key)
        beginArray()
        for item in items {
            beginObject()
            write(item, &self)
            endObject()
        }
        endArray()
    }
}
