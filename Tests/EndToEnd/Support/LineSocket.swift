import Foundation

/// A blocking client of a Unix socket that knows nothing of the protocol but the line feed.
///
/// It shares no code with the agent or its client library, so both ends of a test cannot be wrong alike.
final class LineSocket {
    private let descriptor: Int32
    private var buffered: [UInt8] = []

    /// Connects; reads give up after `timeout`, in seconds.
    ///
    /// - Parameter ownAddress: what to bind to before that.
    init(_ path: String, from ownAddress: String? = nil, timeout: Int = 30) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessFailure("socket: \(systemErrorText())") }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let descriptor = descriptor
        if let ownAddress { try unsafe withUnixAddress(ownAddress) { unsafe bind(descriptor, $0, $1) } }
        try unsafe withUnixAddress(path) { unsafe connect(descriptor, $0, $1) }
    }

    deinit { close(descriptor) }

    /// Sends all the bytes as they are.
    func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let sent = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw HarnessFailure("send: \(systemErrorText())") }
            rest = rest.dropFirst(sent)
        }
    }

    /// Sends a line with its line feed.
    func sendLine(_ line: String) throws { try send(Array(line.utf8) + [10]) }

    /// Says that nothing more will be sent; answers can still be read.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next line without its line feed, or nil at the end of the stream.
    func readLine() throws -> String? {
        while true {
            if let end = buffered.firstIndex(of: 10) {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered.removeSubrange(...end)
                return line
            }
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count >= 0 else { throw HarnessFailure("recv: \(systemErrorText())") }
            if count == 0 {
                guard buffered.isEmpty else { throw HarnessFailure("the stream ended inside a line") }
                return nil
            }
            buffered.append(contentsOf: chunk[..<count])
        }
    }

    /// Everything until the end of the stream.
    func readToEnd() throws -> String {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count >= 0 else { throw HarnessFailure("recv: \(systemErrorText())") }
            guard count > 0 else { return String(decoding: buffered, as: UTF8.self) }
            buffered.append(contentsOf: chunk[..<count])
        }
    }

    /// The next line as JSON.
    func readAnswer() throws -> JSONTree {
        guard let line = try readLine() else { throw HarnessFailure("the agent closed instead of answering") }
        return try JSONTree(line)
    }

    /// Sends one request and reads one answer.
    func ask(_ line: String) throws -> JSONTree {
        try sendLine(line)
        return try readAnswer()
    }
}
