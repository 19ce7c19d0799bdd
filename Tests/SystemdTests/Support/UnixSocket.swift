import Glibc

/// A Unix socket of a test, closed on release.
final class UnixSocket: Sendable {
    let descriptor: CInt

    /// - Parameter name: A path, or `@` and an abstract name.
    init(_ type: __socket_type, boundTo name: String) throws {
        self.descriptor = socket(AF_UNIX, CInt(type.rawValue | SOCK_NONBLOCK.rawValue), 0)
        try Self.check(self.descriptor, "socket")
        try unsafe Self.check(Self.with(address: name) { unsafe bind(self.descriptor, $0, $1) }, "bind")
    }

    /// Connected to `name`, as a stream.
    init(connectedTo name: String) throws {
        self.descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        try Self.check(self.descriptor, "socket")
        try unsafe Self.check(Self.with(address: name) { unsafe connect(self.descriptor, $0, $1) }, "connect")
    }

    deinit { close(self.descriptor) }

    func listen() throws {
        try Self.check(Glibc.listen(self.descriptor, 1), "listen")
    }

    func connectDatagrams(to name: String) throws {
        try unsafe Self.check(Self.with(address: name) { unsafe connect(self.descriptor, $0, $1) }, "connect")
    }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)
        // Sound: the kernel only reads the array, during the call.
        try Self.check(CInt(unsafe write(self.descriptor, &bytes, bytes.count)), "write")
    }

    /// The datagrams that wait, in order.
    func received() -> [String] {
        var datagrams: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // Sound: the kernel writes no more than the array holds.
            let count = unsafe recv(self.descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            guard count >= 0 else { return datagrams }
            datagrams.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }

    struct Failure: Error {
        let call: String
        let number: CInt
    }

    private static func check(_ result: CInt, _ call: String) throws {
        if result < 0 { throw Failure(call: call, number: errno) }
    }

    private static func with(
        address name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8)
        // Sound: tests use names far shorter than the 108 bytes there are, and sockaddr_un begins like sockaddr.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (name.hasPrefix("@") ? 0 : 1)
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
