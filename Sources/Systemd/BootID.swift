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

    /// 32 lower-case hexadecimal digits, as the journal has it in `_BOOT_ID`.
    package var digits: String {
        self.bytes.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func ofKernel() -> BootID? {
        (try? SmallFile.firstLine(of: "/proc/sys/kernel/random/boot_id")).flatMap { BootID($0) }
    }
}

/// The time since the boot, suspension included (CLOCK_BOOTTIME).
package enum BootTime {
    /// In nanoseconds.
    package static func now() -> Int64 {
        SystemClock.nanoseconds(CLOCK_BOOTTIME)
    }
}
