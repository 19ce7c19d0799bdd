import Foundation

/// Calls `body` with the socket address of `path`, in the form that bind(2) and connect(2) take. A path that begins with
/// NUL is a name in the abstract namespace.
func withUnixAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
        throw HarnessFailure("socket path too long: \(path)")
    }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let isAbstract = path.utf8.first == 0
    let length = isAbstract ? MemoryLayout<sa_family_t>.size + path.utf8.count : MemoryLayout<sockaddr_un>.size
    let status = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(length))
        }
    }
    guard status == 0 else { throw HarnessFailure("\(path): \(systemErrorText())") }
}
