import AgentProtocol
import Glibc
import StrictJSON

/// Reads parameters that are too long for a command line from a file with JSON.
enum JSONFile {
    /// The object in the file, checked as the agent will check it.
    static func read<Object: WireObject>(_ type: Object.Type, from path: String) throws(CommandFailure) -> Object {
        let value = try json(try content(of: path), from: path)
        do throws(SchemaViolation) {
            try Schema.object(Object.self).check(value)
            return try Object(reading: ObjectReader(value))
        } catch {
            throw CommandFailure(.usage, "\(path): \(error)")
        }
    }

    private static func json(_ bytes: [UInt8], from path: String) throws(CommandFailure) -> JSONValue {
        do throws(JSONSyntaxError) {
            return try JSONDocument(parsing: bytes, maximumDepth: ProtocolLimits.maximumDepth).root
        } catch {
            throw CommandFailure(.usage, "\(path) holds no acceptable JSON: \(error)")
        }
    }

    private static func content(of path: String) throws(CommandFailure) -> [UInt8] {
        let limit = ProtocolLimits.maximumLineBytes
        var buffer = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        do {
            let file = try FileDescriptor(opening: path, O_RDONLY)
            while count < buffer.count {
                let more = try file.read(into: &buffer, from: count)
                if more == 0 { break }
                count += more
            }
        } catch {
            throw CommandFailure(.usage, "cannot read \(path): \(error)")
        }
        guard count <= limit else { throw CommandFailure(.usage, "\(path) is longer than \(limit) bytes") }
        return Array(buffer[..<count])
    }
}

/// Reads what a program has written to standard input for it to be sent.
enum InputReader {
    /// All of standard input, up to the longest request line there can be.
    static func standardInput() throws(CommandFailure) -> [UInt8] {
        let limit = ProtocolLimits.maximumLineBytes
        var buffer = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        do {
            while count < buffer.count {
                let more = try FileDescriptor.standardInput.read(into: &buffer, from: count)
                if more == 0 { break }
                count += more
            }
        } catch {
            throw CommandFailure(.usage, "cannot read standard input: \(error)")
        }
        guard count <= limit else {
            throw CommandFailure(.usage, "standard input is longer than the \(limit) bytes that a request may have")
        }
        return Array(buffer[..<count])
    }
}

/// JSON Merge Patch (RFC 7396): changes to a JSON value, written as JSON of the same shape.
enum MergePatch {
    /// The value with the changes: members of `patch` replace those of `target`, objects are merged likewise, and null
    /// removes a member.
    ///
    /// - Parameter target: The present value; nil for none.
    static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONText {
        JSONText { writer in write(patch, onto: target, to: &writer) }
    }

    private static func write(_ patch: JSONValue, onto target: JSONValue?, to writer: inout JSONWriter) {
        guard let changes = patch.members else { return writer.raw(patch.rawText) }
        writer.beginObject()
        if let members = target?.members {
            for (key, value) in members {
                let name = key.string ?? ""
                let change = patch[name]
                if let change, change.isNull { continue }
                writer.key(name)
                if let change {
                    write(change, onto: value, to: &writer)
                } else {
                    writer.raw(value.rawText)
                }
            }
        }
        for (key, change) in changes where !change.isNull {
            let name = key.string ?? ""
            guard target?[name] == nil else { continue }
            writer.key(name)
            write(change, onto: nil, to: &writer)
        }
        writer.endObject()
    }
}
