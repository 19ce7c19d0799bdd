import AgentProtocol
import Glibc
import Systemd

/// Asks one of the agent's own sockets for a sign of life, as any client would: through accept, reading, dispatch and back.
struct SocketProbe: Sendable {
    /// What came of it.
    enum Outcome: Sendable, Equatable {
        /// The agent has answered.
        case answered
        /// The agent has been reached and does not answer.
        case silent(String)
        /// The socket cannot be reached from here, which says nothing about the agent: it was removed, or its
        /// mode was changed. A restart would not help.
        case unreachable(String)
    }

    private static let request =
        Array(#"{"jsonrpc":"2.0","id":"probe","method":"system.ping"}"#.utf8) + [UInt8(ascii: "\n")]
    private static let sign = Array(#""id":"probe""#.utf8)

    /// Which socket it asks.
    let socket: SocketKind
    private let address: UnixAddress
    /// How long connecting, sending and each part of the answer may take.
    private let timeout: Duration
    private let names: ProbeNames?

    /// A probe of the socket at `address`.
    ///
    /// - Parameter names: where it gets the name from which the socket knows it; without them it is a client like others.
    init(_ socket: SocketKind, at address: UnixAddress, timeout: Duration, names: ProbeNames? = nil) {
        self.names = names
        self.socket = socket
        self.address = address
        self.timeout = timeout
    }

    /// Connects, asks and waits for the answer; blocks for as long.
    func ask() -> Outcome {
        let raw = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return .unreachable("socket: \(errorText(errno))") }
        let descriptor = OwnedDescriptor(raw)
        guard SocketTimeLimit.set(timeout, of: descriptor.rawValue) else {
            return .unreachable("setsockopt: \(errorText(errno))")
        }
        let name = names?.draw()
        defer { if let name { _ = names?.take(name) } }
        if let name {
            guard let own = UnixAddress(abstractName: name), unsafe own.call(bind, on: descriptor.rawValue) == 0 else {
                return .unreachable("bind: \(errorText(errno))")
            }
        }
        guard unsafe address.call(connect, on: descriptor.rawValue) == 0 else {
            let number = errno
            // A full queue of connections that are not accepted.
            return number == EAGAIN
                ? .silent("no connection is accepted") : .unreachable("connect: \(errorText(number))")
        }
        let sent = unsafe send(descriptor.rawValue, Self.request, Self.request.count, Int32(MSG_NOSIGNAL))
        // A connection that was turned away may be closed already: what was said about that can still be read.
        guard sent == Self.request.count || (sent < 0 && errno == EPIPE) else {
            return .silent("send: \(errorText(errno))")
        }
        return answer(on: descriptor.rawValue)
    }

    private func answer(on descriptor: Int32) -> Outcome {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        while !line.contains(UInt8(ascii: "\n")), line.count < 16_384 {
            // Sound: the kernel writes at most as many bytes as the chunk has.
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .silent("no answer comes: \(errorText(errno))") }
            guard count > 0 else { return .silent("the connection is closed without an answer") }
            line += chunk[..<count]
        }
        // Any answer to this call will do, an error too: it has come all the way.
        return line.contains(sequence: Self.sign) ? .answered : .silent("the connection is refused")
    }
}

extension [UInt8] {
    /// Whether the bytes of `other` stand in it, one behind the other.
    fileprivate func contains(sequence other: [UInt8]) -> Bool {
        guard count >= other.count else { return false }
        return (0...(count - other.count)).contains { self[$0...].starts(with: other) }
    }
}
