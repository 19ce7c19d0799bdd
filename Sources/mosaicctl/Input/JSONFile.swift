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
