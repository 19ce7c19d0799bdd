internal import CSystemd
internal import Glibc

/// Sends records to journald by its native protocol (sd_journal_sendv(3)).
package struct JournalSender: Sendable {
    /// Where journald listens.
    package static let socketPath = "/run/systemd/journal/socket"

    /// A sender to this machine's journald.
    package init() {}

    /// Whether a journald listens now. libsystemd itself reports success when there is none.
    package var isAvailable: Bool {
        Self.answers(at: Self.socketPath)
    }

    /// Sends `record` as one journal entry; it can block while journald is behind.
    ///
    /// No error does not mean that it was stored: without a journald libsystemd drops records silently, so ask
    /// `isAvailable` first.
    package func send(_ record: JournalRecord) throws(SystemCallError) {
        // Sound: each iovec points into `record.bytes`, which stays in place until the call returns; libsystemd only
        // reads it.
        let result = unsafe record.bytes.withUnsafeBytes { bytes -> CInt in
            var start = 0
            let fields = unsafe record.ends.map { end -> iovec in
                defer { start = end }
                let field = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                return unsafe iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: field.baseAddress),
                    iov_len: field.count
                )
            }
            return unsafe sd_journal_sendv(fields, CInt(fields.count))
        }
        if result < 0 { throw SystemCallError(call: "sd_journal_sendv", number: -result) }
    }

    /// Whether a process receives datagrams at `path`.
    static func answers(at path: String) -> Bool {
        let socket = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return false }
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        // Sound: the path fits with its final zero, as checked; sockaddr_un begins with the fields of sockaddr.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe connect(
                socket,
                bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                socklen_t(bytes.count)
            ) == 0
        }
    }
}
