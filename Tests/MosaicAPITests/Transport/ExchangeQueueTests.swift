import TestSupport
import Testing

@testable import MosaicAPI

@Suite struct `The queue before the connections` {
    private struct Element: Hashable {
        let uid: UInt32
        let caller: UInt64
        let number: Int
    }

    private static func queue(_ elements: [Element]) -> ExchangeQueue<Element> {
        var queue = ExchangeQueue<Element>()
        for element in elements { queue.append(element, uid: element.uid, caller: element.caller) }
        return queue
    }

    private static func drain(_ queue: inout ExchangeQueue<Element>) -> [Element] {
        var order: [Element] = []
        while let next = queue.popFirst(where: { _ in true }) { order.append(next) }
        return order
    }

    @Test func `takes uids in turn, then their callers, then what came first`() {
        let flood = (0..<6).map { Element(uid: 7, caller: UInt64($0 % 2), number: $0) }
        var queue = Self.queue(
            flood + [Element(uid: 8, caller: 9, number: 100), Element(uid: 8, caller: 9, number: 101)]
        )
        #expect(Self.drain(&queue).map(\.number) == [0, 100, 1, 101, 2, 3, 4, 5])
        #expect(queue.isEmpty)
    }

    @Test func `lets root go first, but at most every second time`() {
        let root = (0..<4).map { Element(uid: 0, caller: 1, number: $0) }
        let others = (0..<3).map { Element(uid: 5, caller: 1, number: 10 + $0) }
        var queue = Self.queue(others + root)
        #expect(Self.drain(&queue).map(\.number) == [0, 10, 1, 11, 2, 12, 3])
    }

    @Test func `passes over a uid that may not have more`() {
        var queue = Self.queue([
            Element(uid: 1, caller: 1, number: 1), Element(uid: 2, caller: 1, number: 2),
            Element(uid: 0, caller: 1, number: 3),
        ])
        let (first, second) = (queue.popFirst { $0 == 2 }, queue.popFirst { $0 == 2 })
        #expect(first?.number == 2)
        #expect(second == nil)
        #expect(queue.contains { $0 == 1 })
        #expect(!queue.contains { $0 == 2 })
        #expect(queue.count == 2)
        #expect(Self.drain(&queue).map(\.number) == [3, 1])
    }

    @Test func `loses nothing and keeps the order of each caller, whatever is done`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            var queue = ExchangeQueue<Element>()
            var expected: [String: [Int]] = [:]
            var seen: [String: [Int]] = [:]
            var number = 0
            func note(_ element: Element) {
                seen["\(element.uid) \(element.caller)", default: []].append(element.number)
            }
            for _ in 0..<100 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<6:
                    number += 1
                    let element = Element(
                        uid: UInt32.random(in: 0..<4, using: &random),
                        caller: UInt64.random(in: 0..<3, using: &random),
                        number: number
                    )
                    queue.append(element, uid: element.uid, caller: element.caller)
                    expected["\(element.uid) \(element.caller)", default: []].append(number)
                case 6..<9:
                    let barred = UInt32.random(in: 0..<4, using: &random)
                    if let element = queue.popFirst(where: { $0 != barred }) {
                        #expect(element.uid != barred)
                        note(element)
                    }
                default:
                    let divisor = Int.random(in: 2..<7, using: &random)
                    queue.removeAll { $0.number % divisor == 0 }
                    for key in expected.keys {
                        expected[key]?.removeAll { number in
                            number % divisor == 0 && !(seen[key]?.contains(number) ?? false)
                        }
                    }
                }
                var count = 0
                queue.visit { _ in count += 1 }
                #expect(count == queue.count)
            }
            for element in Self.drain(&queue) { note(element) }
            #expect(seen == expected.filter { !$0.value.isEmpty })
            #expect(queue.isEmpty && queue.userCount == 0)
        }
    }
}

@Suite struct `The shares of the connections` {
    @Test func `let a lone uid have half, and another one always find room`() {
        var shares = ConnectionShares(limit: 512)
        while shares.begin(1000) {}
        #expect(shares.inFlight(of: 1000) == 252)
        while shares.begin(1001) {}
        #expect(shares.inFlight(of: 1001) > 100)
        let isFound = shares.begin(1002)
        #expect(isFound)
        while shares.begin(0) {}
        #expect(shares.inFlight == 512)
    }

    @Test func `keep some for root, and one for each where there are few`() {
        for limit in 1...40 {
            var shares = ConnectionShares(limit: limit)
            let isFirst = shares.begin(1)
            #expect(isFirst)
            var uid: UInt32 = 2
            while shares.begin(uid) { uid += 1 }
            #expect(limit - shares.inFlight == shares.rootLane, "limit \(limit)")
            var root = 0
            while shares.begin(0) { root += 1 }
            #expect(root == shares.rootLane)
        }
    }

    @Test func `never pass the limit, and are back at nothing in the end`() {
        var random = SeededGenerator(seed: 3)
        var shares = ConnectionShares(limit: 40)
        var held: [UInt32] = []
        for _ in 0..<20_000 {
            if Bool.random(using: &random) {
                let uid = UInt32.random(in: 0..<6, using: &random)
                let before = shares.inFlight(of: uid)
                if shares.begin(uid) { held.append(uid) }
                // Who has nothing finds room, unless root has taken even what is not its own.
                let others = held.count { $0 != 0 }
                if before == 0, others < 32, held.count < 32 { #expect(shares.inFlight(of: uid) == 1) }
            } else if let index = held.indices.randomElement(using: &random) {
                shares.end(held.remove(at: index))
            }
            #expect(shares.inFlight == held.count && held.count <= 40)
        }
        for uid in held { shares.end(uid) }
        #expect(shares.inFlight == 0)
        var opened = 0
        while shares.openConnection() { opened += 1 }
        #expect(opened == 40)
        shares.closeConnection()
        let isOpen = shares.openConnection()
        #expect(isOpen)
    }
}
