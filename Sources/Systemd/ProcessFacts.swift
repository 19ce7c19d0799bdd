internal import Glibc

/// What proc(5) tells of a process under its number.
package struct ProcessFacts: Sendable, Hashable {
    /// When it began, in clock ticks since the machine did (`starttime` in `/proc/PID/stat`).
    package let start: UInt64
    /// Its effective user.
    package let user: UInt32

    /// Facts.
    package init(start: UInt64, user: UInt32) {
        self.start = start
        self.user = user
    }

    /// What is to be seen of the process that has this number now; nil if nothing is: there is none, or `ProtectProc=`
    /// hides it.
    package init?(ofProcess pid: Int32) {
        guard let stat = Self.content("/proc/\(pid)/stat"), let status = Self.content("/proc/\(pid)/status") else {
            return nil
        }
        self.init(stat: stat, status: status)
    }

    /// What the two files say; nil if they are not as they should be.
    init?(stat: [UInt8], status: [UInt8]) {
        // The second field is the program's name in brackets, which may hold anything; the last bracket ends it.
        guard let bracket = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(bracket + 1)...].split(separator: UInt8(ascii: " "))
        // The first of these is field 3, the start is field 22.
        guard fields.count > 19, let start = UInt64(String(decoding: fields[19], as: UTF8.self)) else { return nil }
        let key = Array("Uid:".utf8)
        guard let line = status.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: key) }) else {
            return nil
        }
        // Real, effective, saved, file system.
        let users = line.dropFirst(key.count).split { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
        guard users.count > 1, let user = UInt32(String(decoding: users[1], as: UTF8.self)) else { return nil }
        self.init(start: start, user: user)
    }

    /// Clock ticks in a second (sysconf(3), `_SC_CLK_TCK`).
    package static var ticksPerSecond: UInt64 { UInt64(max(1, sysconf(CInt(_SC_CLK_TCK)))) }

    /// A file of proc(5), which has no size before it is read.
    private static func content(_ path: String) -> [UInt8]? {
        // Sound: the path ends in NUL for the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while content.count < 65_536 {
            // Sound: the kernel writes at most as many bytes as the chunk has.
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            content += chunk[..<count]
        }
        return content
    }
}
