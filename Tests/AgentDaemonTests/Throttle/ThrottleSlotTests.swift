import AgentProtocol
import Testing

@testable import AgentDaemon

@Suite struct ThrottleSlotTests {
    static let slot = ThrottleSlot(table: .failures, number: 17)
    static let pairs = ["198.51.100.7", "2001:db8::1", nil].map { address in
        ThrottleRecord.Pair(
            target: ThrottleTarget(application: "app", digest: TargetDigest.Value(high: .max, low: 1)),
            caller: ThrottleSamples.caller(.max, address)
        )
    }

    @Test(arguments: pairs) func `a record is read as it was written`(pair: ThrottleRecord.Pair) throws {
        for nanoseconds in [Int64.min, -1, 0, 1, .max] {
            let read = try #require(Self.slot.record(Self.slot.words(pair, nanoseconds: nanoseconds)))
            #expect(read.pair == pair)
            #expect(read.nanoseconds == nanoseconds)
        }
    }

    @Test func `a rate is, too`() throws {
        let slot = ThrottleSlot(table: .rates, number: 0)
        let read = try #require(slot.rate(slot.words(uid: 1000, nanoseconds: -5, refill: 7)))
        #expect((read.uid, read.nanoseconds, read.refill) == (1000, -5, 7))
        #expect(slot.rate(slot.words(uid: 1000, nanoseconds: 1, refill: 0)) == nil, "nobody could compute with it")
    }

    @Test func `an empty slot holds nothing, in any table`() {
        for table in ThrottleSlot.Table.allCases {
            for number in 0..<1000 {
                #expect(ThrottleSlot(table: table, number: number).record(ThrottleSlot.empty) == nil)
                #expect(ThrottleSlot(table: table, number: number).rate(ThrottleSlot.empty) == nil)
            }
        }
    }

    @Test func `a record in another place is none`() {
        let words = Self.slot.words(Self.pairs[0], nanoseconds: 1)
        #expect(ThrottleSlot(table: .failures, number: 18).record(words) == nil)
        #expect(ThrottleSlot(table: .sends, number: 17).record(words) == nil)
    }

    @Test func `one with any bit changed is none`() {
        let words = Self.slot.words(Self.pairs[0], nanoseconds: 1)
        for word in 0..<8 {
            for bit in 0..<64 {
                var changed = words
                changed[word] ^= 1 << UInt64(bit)
                #expect(Self.slot.record(changed) == nil, "word \(word), bit \(bit)")
            }
        }
    }

    /// What is there when a write of `new` over `old` ended after so many bytes, in the order of addresses.
    static func torn(_ old: SIMD8<UInt64>, _ new: SIMD8<UInt64>, after count: Int) -> SIMD8<UInt64> {
        var words = old
        for byte in 0..<count {
            // The byte's place in its word on a machine with the least significant byte first.
            let mask: UInt64 = 0xFF << UInt64(8 * (byte % 8))
            words[byte / 8] = words[byte / 8] & ~mask | new[byte / 8] & mask
        }
        return words
    }

    @Test func `a write that ended anywhere leaves the old record, the new one, or none`() {
        let records = Self.pairs.map { Self.slot.words($0, nanoseconds: 1_000_000_007) } + [ThrottleSlot.empty]
        for old in records {
            for new in records {
                for count in 0...64 {
                    // The last bytes may have come first.
                    for words in [Self.torn(old, new, after: count), Self.torn(new, old, after: count)]
                    where words != old && words != new {
                        #expect(Self.slot.record(words) == nil, "after \(count) bytes")
                    }
                }
            }
        }
        #expect(Self.torn(records[0], records[1], after: 64) == records[1])
    }
}
