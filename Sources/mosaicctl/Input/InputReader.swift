import AgentProtocol

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
