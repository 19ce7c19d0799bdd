import Glibc
import Linux

/// The words for an errno(3) value.
func errorText(_ number: Int32) -> String {
    // glibc's strerror(3) is safe on any thread since 2.32.
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}

/// An open file descriptor that is closed with its owner.
struct OwnedDescriptor: ~Copyable {
    let rawValue: Int32

    init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        _ = close(rawValue)
    }

    /// Gives the descriptor away; its taker closes it.
    consuming func release() -> Int32 {
        let value = rawValue
        discard self
        return value
    }
}

/// The socket address of a path, or nil if the path is too long for one (sun_path has 108 bytes, one for the NUL).
struct UnixAddress {
    private var address = sockaddr_un()
    private var length = socklen_t(MemoryLayout<sockaddr_un>.size)

    init?(path: String) {
        let bytes = PathText.bytes(path)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    }

    /// The address that a socket is bound to; nil if it is no Unix socket with an address.
    init?(boundTo descriptor: Int32) {
        unsafe self.init(of: descriptor, asking: getsockname)
    }

    /// The address that the other end of a connection is bound to; nil if it has none, which is the usual case.
    init?(peerOf descriptor: Int32) {
        unsafe self.init(of: descriptor, asking: getpeername)
    }

    private init?(
        of descriptor: Int32,
        asking function: (Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?) -> Int32
    ) {
        var bound = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        // Sound: the kernel writes at most as many bytes as the structure has.
        let result = unsafe withUnsafeMutablePointer(to: &bound) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe function(descriptor, pointer, &size)
            }
        }
        guard result == 0, bound.sun_family == sa_family_t(AF_UNIX), size > MemoryLayout<sa_family_t>.size else {
            return nil
        }
        address = bound
        length = min(size, length)
    }

    /// The address in the abstract namespace whose name, behind its NUL, has these bytes (unix(7)); nil if they are
    /// too many.
    init?(abstractName name: [UInt8]) {
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return nil }
        address.sun_family = sa_family_t(AF_UNIX)
        // Sound: the bytes fit behind the NUL that is there already.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.enumerated() { unsafe path[index + 1] = byte }
        }
        length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
    }

    /// The bytes of the name behind its NUL, if the address is in the abstract namespace.
    var abstractName: [UInt8]? {
        let count = Int(length) - MemoryLayout<sa_family_t>.size
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { unsafe Array($0.prefix(count)) }
        return bytes.first == 0 ? Array(bytes.dropFirst()) : nil
    }

    /// The path, if the address is one in the file system.
    var path: String? {
        let count = Int(length) - MemoryLayout<sa_family_t>.size
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { unsafe Array($0.prefix(count)) }
        let path = bytes.prefix { $0 != 0 }
        return path.isEmpty ? nil : PathText.text(path)
    }

    /// Calls bind(2) or connect(2) with it.
    func call(_ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, on descriptor: Int32) -> Int32 {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe function(descriptor, pointer, length)
            }
        }
    }
}

/// A bare errno(3) value, before someone who knows the subject makes a ``SocketError`` of it.
struct SystemCallFailure: Error {
    let number: Int32
}
