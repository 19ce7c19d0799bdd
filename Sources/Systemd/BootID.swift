internal import Glibc

/// Which boot of the machine this is (random(4), `boot_id`).
package struct BootID: Hashable, Sendable {
    /// 16 bytes.
    package let bytes: [UInt8]

    /// The boot of this moment; nil if it cannot be found out.
    ///
    /// A service that sees no more of `/proc` than processes (`ProcSubset=pid`) is told in the variable `MOSAICD_BOOT_ID`
    /// (`%b` in its unit).
    package static func current(environment: Environment = .process) -> BootID? {
        environment["MOSAICD_BOOT_ID"].flatMap { BootID($0) } ?? Self.ofKernel()
    }

    /// Reads 32 hexadecimal digits, with dashes anywhere among them.
    package init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "\n") }
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    private static func ofKernel() -> BootID? {
        // Sound: Swift lends the path with its final zero for the length of the call.
        let descriptor = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var text = [UInt8](repeating: 0, count: 64)
        // Sound: the kernel writes at most as many bytes as the array has.
        let count = unsafe read(descriptor, &text, text.count)
        return count > 0 ? BootID(String(decoding: text[..<count], as: UTF8.self)) : nil
    }
}

/// The time since the boot, suspension included (CLOCK_BOOTTIME).
package enum BootTime {
    /// In nanoseconds.
    package static func now() -> Int64 {
        var time = timespec()
        // Sound: the kernel fills the one timespec it is given. CLOCK_BOOTTIME cannot fail.
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
