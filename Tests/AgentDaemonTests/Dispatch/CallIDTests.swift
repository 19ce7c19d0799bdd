import Testing

@testable import AgentDaemon

@Suite struct CallIDTests {
    /// Counts up from a number.
    private struct Counter: RandomNumberGenerator {
        var number: UInt64
        mutating func next() -> UInt64 {
            defer { number += 1 }
            return number
        }
    }

    @Test func `an id is 32 hexadecimal digits and never comes twice`() {
        let ids = (0..<1_000).map { _ in CallID().description }
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { id in id.utf8.count == 32 && id.allSatisfy { "0123456789abcdef".contains($0) } })
    }

    @Test func `the digits are those of two random words, with leading zeroes`() {
        var counter = Counter(number: 0x0123_4567_89AB_CDEF)
        #expect(CallID(using: &counter).description == "0123456789abcdef0123456789abcdf0")
        counter.number = 0xF
        #expect(CallID(using: &counter).description == "000000000000000f0000000000000010")
    }

    @Test func `random words are fetched again when a batch is used up, and none comes twice`() {
        var words = RandomWords()
        let drawn = (0..<3 * RandomWords.batch + 1).map { _ in words.next() }
        #expect(Set(drawn).count == drawn.count)
        #expect(!drawn.contains(0))
    }
}
