internal import Glibc

/// A call into the kernel or libsystemd failed.
package struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call, such as `openat`.
    package let call: String
    /// Its `errno`, positive.
    package let number: CInt

    /// - Parameters:
    ///   - call: What failed.
    ///   - number: Its `errno`, positive.
    package init(call: String, number: CInt) {
        self.call = call
        self.number = number
    }

    /// For a call that left its error in `errno`; to be made before anything else can change that.
    init(errnoOf call: String) {
        self.init(call: call, number: errno)
    }

    /// What happened, in the words of the C library: `Permission denied`.
    package var reason: String {
        var text = [CChar](repeating: 0, count: 128)
        // Sound: the C library writes at most as many bytes as it is told, a final zero among them.
        guard unsafe strerror_r(self.number, &text, text.count) == 0 else { return "error \(self.number)" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The call and the reason: `openat: Permission denied`.
    package var description: String {
        "\(self.call): \(self.reason)"
    }
}
