import AgentProtocol
import Testing

@testable import AgentDaemon

@Suite struct ConnectionAdmissionTests {
    @Test func `one uid gets no more than its share, and gets it back`() {
        var admission = ConnectionAdmission(caps: ConnectionCaps(total: 100, perUser: 2))
        #expect(admission.admit(uid: 1000, socket: .main, isProbe: false) == .common)
        #expect(admission.admit(uid: 1000, socket: .main, isProbe: false) == .common)
        #expect(admission.admit(uid: 1000, socket: .main, isProbe: false) == nil)
        #expect(admission.admit(uid: 1001, socket: .main, isProbe: false) == .common)
        admission.release(.common, uid: 1000)
        #expect(admission.admit(uid: 1000, socket: .main, isProbe: false) == .common)
    }

    @Test func `when ordinary users have taken everything, root, control socket, credentials and probe still get in`() {
        var admission = ConnectionAdmission(caps: ConnectionCaps(total: 32, perUser: 1))
        var uid: UInt32 = 1000
        while admission.admit(uid: uid, socket: .main, isProbe: false) != nil { uid += 1 }
        #expect(admission.admit(uid: 0, socket: .main, isProbe: false) == .root)
        #expect(admission.admit(uid: 0, socket: .control, isProbe: false) == .control)
        #expect(admission.admit(uid: 0, socket: .credential, isProbe: false) == .credential)
        #expect(admission.admit(uid: 0, socket: .main, isProbe: true) == .probe)
    }

    @Test func `all lanes together are the total`() {
        let total = 32
        var admission = ConnectionAdmission(caps: ConnectionCaps(total: total, perUser: total))
        var count = 0
        while admission.admit(uid: 0, socket: .main, isProbe: true) != nil { count += 1 }
        while admission.admit(uid: 0, socket: .control, isProbe: false) != nil { count += 1 }
        while admission.admit(uid: 0, socket: .credential, isProbe: false) != nil { count += 1 }
        while admission.admit(uid: 0, socket: .main, isProbe: false) != nil { count += 1 }
        var uid: UInt32 = 1000
        while admission.admit(uid: uid, socket: .main, isProbe: false) != nil { (count, uid) = (count + 1, uid + 1) }
        #expect(count == total)
    }

    @Test func `a uid that connects alone leaves half of the places to others`() {
        let caps = ConnectionCaps(total: 1000, perUser: 1000)
        var admission = ConnectionAdmission(caps: caps)
        var counts: [Int] = []
        for uid in UInt32(1000)...1003 {
            var count = 0
            while admission.admit(uid: uid, socket: .main, isProbe: false) != nil { count += 1 }
            counts.append(count)
        }
        #expect(counts[0] == (caps.common + 1) / 2)
        #expect(counts.allSatisfy { $0 > 0 })
        // A uid that comes later still finds room.
        #expect(admission.admit(uid: 2000, socket: .main, isProbe: false) == .common)
    }

    @Test func `root's share holds over its lane and the common places together`() {
        var admission = ConnectionAdmission(caps: ConnectionCaps(total: 64, perUser: 10))
        let lanes = (1...11).map { _ in admission.admit(uid: 0, socket: .main, isProbe: false) }
        #expect(lanes == Array(repeating: .root, count: 8) + [.common, .common, nil])
    }

    @Test func `a very small total leaves something for everyone`() {
        var admission = ConnectionAdmission(caps: ConnectionCaps(total: 1, perUser: 1))
        #expect(admission.admit(uid: 1000, socket: .main, isProbe: false) == .common)
        #expect(admission.admit(uid: 0, socket: .control, isProbe: false) == .control)
    }
}

@Suite struct UnreadBudgetTests {
    @Test func `the sum of a uid's connections counts, and only growth is refused`() {
        let budget = UnreadBudget(limit: 100)
        #expect(budget.change(uid: 1, from: 0, to: 60))
        #expect(budget.change(uid: 1, from: 0, to: 40))
        #expect(budget.change(uid: 2, from: 0, to: 100))
        #expect(!budget.change(uid: 1, from: 40, to: 41))
        #expect(budget.change(uid: 1, from: 41, to: 0))
        #expect(budget.change(uid: 1, from: 60, to: 100))
        #expect(budget.change(uid: 1, from: 100, to: 0))
        #expect(budget.change(uid: 2, from: 100, to: 0))
        #expect(budget.holders == 0)
    }
}

@Suite struct UnreadAnswersTests {
    @Test func `the oldest and the sum stay right over many rounds`() {
        let start = ContinuousClock.now
        var answers = UnreadAnswers()
        for round in 0..<1000 {
            answers.append(bytes: round, at: start + .seconds(round))
            guard round >= 10 else { continue }
            answers.removeFirst()
            #expect(answers.oldest == start + .seconds(round - 9))
            #expect(answers.bytes == (round - 9...round).reduce(0, +))
        }
        for _ in 0..<10 { answers.removeFirst() }
        #expect(answers.isEmpty)
        #expect(answers.oldest == nil)
        #expect(answers.bytes == 0)
    }
}
