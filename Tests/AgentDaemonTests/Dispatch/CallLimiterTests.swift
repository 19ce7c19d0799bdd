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
        let limiter = CallLimiter(maximumTotal: 2, maximumPerUser: 2)
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
}
