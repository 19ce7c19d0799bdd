import AgentProtocol
import Glibc
import Linux
import Secrets
import StrictJSON

/// The secrets in a JSON value, by the schema that says which of its members are some.
///
/// What the schema has as an object of any content is shown: if it could hold secrets, the whole would be one. Where there
/// is no schema, the name decides: what is a secret in any method is one here. So it is with members that the schema does
/// not know, in the parameters because they are mistaken, in a result because the agent may be newer.
struct SecretRedactor {
    /// What the value is to look like; nil if that is unknown.
    let schema: Schema?

    /// The path of the first secret in the value.
    func first(in value: JSONValue) -> String? {
        if let members = value.members {
            for (key, member) in members {
                guard let key = key.string else { continue }
                switch content(of: key, in: value) {
                case .secret: return key
                case .harmless: continue
                case .unclear(let content):
                    if let path = content.first(in: member) { return "\(key).\(path)" }
                }
            }
        } else if let elements = value.elements {
            for element in elements {
                if let path = self.element.first(in: element) { return path }
            }
        }
        return nil
    }

    /// The value without its secrets, and the names of those left out, sorted.
    func removed(from value: JSONValue) -> (json: JSONText, names: [String]) {
        var names: Set<String> = []
        let json = JSONText { writer in copy(value, to: &writer, leavingOut: &names) }
        return (json, names.sorted())
    }

    private func copy(_ value: JSONValue, to writer: inout JSONWriter, leavingOut names: inout Set<String>) {
        if let members = value.members {
            writer.beginObject()
            for (key, member) in members {
                let name = key.string ?? ""
                switch content(of: name, in: value) {
                case .secret:
                    names.insert(name)
                case .harmless:
                    writer.key(name)
                    writer.raw(member.rawText)
                case .unclear(let content):
                    writer.key(name)
                    content.copy(member, to: &writer, leavingOut: &names)
                }
            }
            writer.endObject()
        } else if let elements = value.elements {
            writer.beginArray()
            for element in elements { self.element.copy(element, to: &writer, leavingOut: &names) }
            writer.endArray()
        } else {
            writer.raw(value.rawText)
        }
    }

    // MARK: What the schema says

    private enum Content {
        case secret
        case harmless
        /// Only parts of it may be secret.
        case unclear(SecretRedactor)
    }

    private func content(of name: String, in object: JSONValue) -> Content {
        switch schema {
        case .object(_, let fields):
            return Self.content(of: name, among: fields)
        case .verdicts(let verdicts):
            let verdict = object["verdict"]?.string
            return Self.content(of: name, among: verdicts.first { $0.verdict.name == verdict }?.fields ?? [])
        case .map(let value):
            return .unclear(SecretRedactor(schema: value))
        case .anyObject, .freeObject, .flatObject:
            return .harmless
        default:
            return Self.content(of: name, among: [])
        }
    }

    private static func content(of name: String, among fields: [Field]) -> Content {
        if let field = fields.first(where: { $0.name == name }) {
            return field.isSensitive ? .secret : .unclear(SecretRedactor(schema: field.schema))
        }
        return names.contains(name) ? .secret : .unclear(SecretRedactor(schema: nil))
    }

    private var element: SecretRedactor {
        guard case .array(let element, _) = schema else { return SecretRedactor(schema: nil) }
        return SecretRedactor(schema: element)
    }

    /// The names of all fields, of any method, that hold secrets.
    private static let names: Set<String> = {
        var names: Set<String> = []
        for method in MethodTable.main.methods + MethodTable.control.methods {
            collect(method.descriptor.parameters, into: &names)
            collect(method.descriptor.result, into: &names)
        }
        return names
    }()

    private static func collect(_ schema: Schema, into names: inout Set<String>) {
        switch schema {
        case .object(_, let fields): collect(fields, into: &names)
        case .array(let element, _): collect(element, into: &names)
        case .map(let value): collect(value, into: &names)
        case .verdicts(let verdicts): for verdict in verdicts { collect(verdict.fields, into: &names) }
        default: break
        }
    }

    private static func collect(_ fields: [Field], into names: inout Set<String>) {
        for field in fields {
            if field.isSensitive { names.insert(field.name) }
            collect(field.schema, into: &names)
        }
    }
}

/// A file for a secret that a call brings: made before the call, so that nothing is spent in vain, and put in its place
/// after it.
///
/// Only its owner can read it (mode 0600). A file that was there is replaced when the secret has come, and only then.
final class SecretFileWriter {
    private let path: String
    private let draft: String
    private let file: FileDescriptor

    /// Makes the file beside its place, under another name.
    init(path: String) throws(CommandFailure) {
        self.path = path
        draft = "\(path).\(getpid()).tmp"
        do {
            file = try FileDescriptor(creating: draft, mode: 0o600)
        } catch {
            throw CommandFailure(.usage, "cannot write to \(draft): \(error)")
        }
    }

    deinit {
        // Not there any more once the secret was kept.
        _ = PathText.withCString(draft) { unsafe unlink($0) }
    }

    /// Writes the secret and puts the file in its place.
    func keep(_ secret: Secret) throws(CommandFailure) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(secret.count + 1)
        secret.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        bytes.append(UInt8(ascii: "\n"))
        defer { bytes.wipe() }
        do {
            try file.writeAll(bytes)
            let result = PathText.withCString(draft) { draft in
                PathText.withCString(path) { path in unsafe rename(draft, path) }
            }
            guard result == 0 else { throw SystemError(code: errno) }
        } catch {
            throw CommandFailure(.internal, "the call is done, but its result cannot be written to \(path): \(error)")
        }
    }
}
