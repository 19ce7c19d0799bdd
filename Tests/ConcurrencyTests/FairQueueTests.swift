import Concurrency
import Testing

@Suite struct FairQueueTests {
    @Test func `uids take turns, and each one's elements keep their order`() {
        var queue = FairQueue<String>()
        for element in ["a1", "a2", "a3"] { queue.append(element, of: 1) }
        queue.append("b1", of: 2)
        queue.append("c1", of: 3)
        queue.append("b2", of: 2)
        #expect(queue.count == 6 && queue.count(of: 1) == 3)
        var order: [String] = []
        while let element = queue.popFirst() {
            order.append(element)
            // One that comes while others wait stands behind one of each.
            if element == "b1" { queue.append("d1", of: 4) }
        }
        #expect(order == ["a1", "b1", "c1", "a2", "b2", "d1", "a3"])
        #expect(queue.isEmpty && queue.count(of: 1) == 0)
        queue.append("a4", of: 1)
        #expect(queue.popFirst() == "a4")
        #expect(queue.popFirst() == nil)
    }
}
