import Testing

@testable import AgentDaemon

@Suite struct FairSharesTests {
    /// Takes as many places as there are for a caller.
    private func fill(_ shares: inout FairShares, uid: UInt32, isPrivileged: Bool = false) -> [FairShares.Place] {
        var places: [FairShares.Place] = []
        while let place = shares.take(uid: uid, isPrivileged: isPrivileged) { places.append(place) }
        return places
    }

    @Test func `each further caller that takes all it can get halves what is free, and always gets something`() {
        var shares = FairShares(capacity: 1024, lane: 0)
        let counts = (1...10).map { fill(&shares, uid: $0).count }
        #expect(counts == [512, 256, 128, 64, 32, 16, 8, 4, 2, 1])
    }

    @Test func `callers that take turns get equal shares`() {
        var shares = FairShares(capacity: 1000, lane: 0)
        var counts: [UInt32: Int] = [:]
        for _ in 0..<1000 {
            for uid: UInt32 in 1...4 where shares.take(uid: uid, isPrivileged: false) != nil {
                counts[uid, default: 0] += 1
            }
        }
        #expect(counts == [1: 200, 2: 200, 3: 200, 4: 200])
    }

    @Test func `a place that is given back can be taken again`() {
        var shares = FairShares(capacity: 4, lane: 1)
        for place in fill(&shares, uid: 1) + fill(&shares, uid: 0, isPrivileged: true) { shares.giveBack(place) }
        #expect(shares.occupied == 0)
        #expect(fill(&shares, uid: 1).count == 2)
    }

    @Test func `the lane is root's, whatever others hold, and beyond it the rule holds for root too`() {
        var shares = FairShares(capacity: 8, lane: 2)
        for uid: UInt32 in 1...4 { _ = fill(&shares, uid: uid) }
        #expect(shares.occupied == 8)
        #expect(fill(&shares, uid: 0, isPrivileged: true).count == 2)
        #expect(shares.occupied == 10)
    }
}
