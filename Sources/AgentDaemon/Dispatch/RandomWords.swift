import Glibc

/// Random numbers of the system, fetched many at a time: each fetch is a system call (getrandom(2) by getentropy(3)).
struct RandomWords: RandomNumberGenerator, Sendable {
    /// Fetched at a time: 256 bytes, the most that getentropy(3) gives at once.
    static let batch = 32

    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if let word = words.popLast() { return word }
        words = [UInt64](repeating: 0, count: Self.batch)
        let isFilled = unsafe words.withUnsafeMutableBytes { bytes in
            // Sound: the buffer is written inside the closure only, and not beyond its end.
            guard let start = bytes.baseAddress else { return false }
            return unsafe getentropy(start, bytes.count) == 0
        }
        guard isFilled, let word = words.popLast() else {
            words = []
            var system = SystemRandomNumberGenerator()
            return system.next()
        }
        return word
    }
}
