import Testing

@testable import Systemd

@Suite struct RepetitionLimitTests {
    private static let start = ContinuousClock.now
    private var limit = RepetitionLimit<String, Int>(interval: .seconds(60), capacity: 3)

    private static func at(_ seconds: Int) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    private mutating func receive(_ message: Int, _ key: String, at seconds: Int) -> [Int]? {
        self.limit.receive(message, key: key, now: Self.at(seconds)).map { [$0.message, $0.count] }
    }

    private mutating func due(at seconds: Int) -> [[Int]] {
        self.limit.due(now: Self.at(seconds)).map { [$0.message, $0.count] }.sorted { $0[0] < $1[0] }
    }

    @Test mutating func `the first is told, the others once an interval`() {
        #expect(receive(1, "a", at: 0) == [1, 1])
        for message in 2...10 { #expect(receive(message, "a", at: message) == nil) }
        #expect(due(at: 59) == [])
        #expect(due(at: 60) == [[10, 9]])
        #expect(receive(11, "a", at: 61) == nil)
        #expect(due(at: 119) == [])
        #expect(due(at: 120) == [[11, 1]])
        #expect(due(at: 180) == [])
    }

    @Test mutating func `after a quiet interval the next is the first again`() {
        #expect(receive(1, "a", at: 0) == [1, 1])
        #expect(due(at: 60) == [])
        #expect(receive(2, "a", at: 61) == [2, 1])
        #expect(receive(3, "a", at: 62) == nil)
    }

    @Test mutating func `different messages do not hold each other back`() {
        #expect(receive(1, "a", at: 0) == [1, 1])
        #expect(receive(2, "b", at: 1) == [2, 1])
        #expect(receive(3, "a", at: 2) == nil)
        #expect(receive(4, "b", at: 3) == nil)
        #expect(due(at: 60) == [[3, 1]])
        #expect(due(at: 61) == [[4, 1]])
    }

    @Test mutating func `what was held back is told with the next one if nobody asked before`() {
        #expect(receive(1, "a", at: 0) == [1, 1])
        #expect(receive(2, "a", at: 1) == nil)
        #expect(receive(3, "a", at: 60) == [3, 2])
        #expect(due(at: 120) == [])
    }

    @Test mutating func `at the end nothing is left untold`() {
        #expect(receive(1, "a", at: 0) == [1, 1])
        #expect(receive(2, "a", at: 1) == nil)
        #expect(receive(3, "a", at: 1) == nil)
        #expect(limit.rest().map(\.count) == [2])
        #expect(limit.rest().isEmpty)
    }

    @Test mutating func `beyond its capacity all messages count as equal`() {
        for (message, key) in [(1, "a"), (2, "b"), (3, "c")] { #expect(receive(message, key, at: 0) == [message, 1]) }
        #expect(receive(4, "d", at: 1) == [4, 1])
        for message in 5...1000 { #expect(receive(message, "\(message)", at: 2) == nil) }
        #expect(receive(1001, "a", at: 3) == nil, "those that have a place keep it")
        #expect(due(at: 61) == [[1000, 996], [1001, 1]])
        // Those that were quiet have given their places back.
        #expect(receive(1, "e", at: 62) == [1, 1])
    }

    /// Any sequence of messages: none is lost, and no key is told more than once an interval.
    @Test mutating func `each message is counted exactly once`() {
        var generator = SystemRandomNumberGenerator()
        limit = RepetitionLimit(interval: .seconds(60), capacity: 8)
        var sent = 0
        var counted = 0
        var lines = 0
        for second in 0..<3600 {
            for _ in 0..<Int.random(in: 0..<5, using: &generator) {
                sent += 1
                let key = "\(Int.random(in: 0..<12, using: &generator))"
                if let told = limit.receive(sent, key: key, now: Self.at(second)) {
                    counted += told.count
                    lines += 1
                }
            }
            if second.isMultiple(of: 5) {
                for told in limit.due(now: Self.at(second)) {
                    counted += told.count
                    lines += 1
                }
            }
        }
        counted += limit.rest().map(\.count).reduce(0, +)
        #expect(counted == sent)
        // 8 keys and the rest, in 60 intervals.
        #expect(lines <= 9 * 61, "\(lines)")
    }
}
