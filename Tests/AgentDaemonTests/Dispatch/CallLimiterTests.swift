import AgentProtocol
import Testing

@testable import AgentDaemon

@Suite struct CallLimiterTests {
    func caller(_ uid: UInt32) -> Caller {
        Caller(uid: uid, gid: uid, pid: 1, supplementaryGroups: [])
    }

    @Test func `one user gets its share and no more, and gets it back`() {
        let limiter = CallLimiter(maximumTotal: 10, maximumPerUser: 2)
        #expect(limiter.enter(socket: .main, caller: caller(1)))
        #expect(limiter.enter(socket: .main, caller: caller(1)))
        #expect(!limiter.enter(socket: .main, caller: caller(1)))
        #expect(limiter.enter(socket: .main, caller: caller(2)))
        limiter.leave(socket: .main, caller: caller(1))
        #expect(limiter.enter(socket: .main, caller: caller(1)))
        #expect(limiter.inFlight == 3)
    }

    @Test func `the total holds for all users together`() {
        let limiter = CallLimiter(maximumTotal: 2, maximumPerUser: 1)
        #expect(limiter.enter(socket: .main, caller: caller(1)))
        #expect(limiter.enter(socket: .main, caller: caller(2)))
        #expect(!limiter.enter(socket: .main, caller: caller(3)))
        limiter.leave(socket: .main, caller: caller(2))
        #expect(limiter.enter(socket: .main, caller: caller(3)))
    }

    @Test func `root and the control socket get through an agent that others have filled`() {
        let limiter = CallLimiter(maximumTotal: 1, maximumPerUser: 1)
        #expect(limiter.enter(socket: .main, caller: caller(1)))
        #expect(limiter.enter(socket: .main, caller: caller(0)))
        #expect(limiter.enter(socket: .control, caller: caller(0)))
        #expect(!limiter.enter(socket: .main, caller: caller(0)))
        limiter.leave(socket: .main, caller: caller(0))
        limiter.leave(socket: .control, caller: caller(0))
        #expect(limiter.inFlight == 1)
    }

    @Test func `a uid gets one more while it has fewer than are free, so a second one finds room`() {
        let limiter = CallLimiter(maximumTotal: 8, maximumPerUser: 8)
        var held = 0
        while limiter.enter(socket: .main, caller: caller(1)) { held += 1 }
        #expect(held == 4)
        var other = 0
        while limiter.enter(socket: .main, caller: caller(2)) { other += 1 }
        #expect(other == 2)
        #expect(limiter.enter(socket: .main, caller: caller(3)))
        // Root takes nothing from them.
        for _ in 0..<8 { #expect(limiter.enter(socket: .main, caller: caller(0))) }
        #expect(limiter.enter(socket: .main, caller: caller(4)))
        #expect(!limiter.enter(socket: .main, caller: caller(5)))
    }
}
