import AgentProtocol

/// A record as it lies in the memory that outlives the process: eight words, the last of which is a checksum over the
/// others and the slot's place.
///
/// The process may end in the middle of a write. What is neither the old record nor the new one then does not fit its
/// checksum, and is none.
struct ThrottleSlot: Sendable, Hashable {
    /// Which table a slot belongs to.
    enum Table: UInt8, Sendable, CaseIterable {
        case failures = 1
        case sends = 2
        case rates = 3
        case undecided = 4
    }

    /// No record.
    static let empty = SIMD8<UInt64>()

    let table: Table
    let number: Int

    /// The words of a record.
    ///
    /// - Parameter nanoseconds: its instant, on CLOCK_BOOTTIME.
    func words(_ pair: ThrottleRecord.Pair, kind: SendKind = .none, nanoseconds: Int64) -> SIMD8<UInt64> {
        sealed([
            pair.target.application, pair.target.digest.high, pair.target.digest.low, pair.caller.address?.bits ?? 0,
            UInt64(bitPattern: nanoseconds),
            UInt64(pair.caller.uid) | UInt64(pair.caller.address?.family.rawValue ?? 0) << 32,
            kind.hash, 0,
        ])
    }

    /// The words of a rate.
    ///
    /// - Parameters:
    ///   - nanoseconds: when it is whole again, on CLOCK_BOOTTIME.
    ///   - refill: in what time one send refills, in nanoseconds.
    func words(uid: UInt32, nanoseconds: Int64, refill: Int64) -> SIMD8<UInt64> {
        sealed([0, 0, 0, 0, UInt64(bitPattern: nanoseconds), UInt64(uid), UInt64(bitPattern: refill), 0])
    }

    /// The record in these words; nil if there is none.
    func record(_ words: SIMD8<UInt64>) -> (pair: ThrottleRecord.Pair, kind: SendKind, nanoseconds: Int64)? {
        guard isSound(words) else { return nil }
        let family = UInt8(truncatingIfNeeded: words[5] >> 32)
        let address = ClientAddress.Family(rawValue: family).map { ClientAddress(family: $0, bits: words[3]) }
        guard address != nil || family == 0 else { return nil }
        return (
            ThrottleRecord.Pair(
                target: ThrottleTarget(
                    application: words[0],
                    digest: TargetDigest.Value(high: words[1], low: words[2])
                ),
                caller: ThrottleCaller(uid: UInt32(truncatingIfNeeded: words[5]), address: address)
            ),
            SendKind(hash: words[6]),
            Int64(bitPattern: words[4])
        )
    }

    /// The rate in these words; nil if there is none.
    func rate(_ words: SIMD8<UInt64>) -> (uid: UInt32, nanoseconds: Int64, refill: Int64)? {
        guard isSound(words), Int64(bitPattern: words[6]) > 0 else { return nil }
        return (
            UInt32(truncatingIfNeeded: words[5]), Int64(bitPattern: words[4]), Int64(bitPattern: words[6])
        )
    }

    private func isSound(_ words: SIMD8<UInt64>) -> Bool { words[7] == checksum(words) }

    private func sealed(_ words: SIMD8<UInt64>) -> SIMD8<UInt64> {
        var words = words
        words[7] = checksum(words)
        return words
    }

    /// One word after the other is mixed in by a step that can be undone (that of SplitMix64), so that a change of one word
    /// always changes the sum, and one of several does but for one time in 2^64. It protects from accidents only.
    private func checksum(_ words: SIMD8<UInt64>) -> UInt64 {
        var sum = UInt64(table.rawValue) << 56 | UInt64(number)
        for index in 0..<7 {
            sum = (sum ^ words[index]) &+ 0x9E37_79B9_7F4A_7C15
            sum = (sum ^ (sum >> 30)) &* 0xBF58_476D_1CE4_E5B9
            sum = (sum ^ (sum >> 27)) &* 0x94D0_49BB_1331_11EB
            sum ^= sum >> 31
        }
        return sum
    }
}
