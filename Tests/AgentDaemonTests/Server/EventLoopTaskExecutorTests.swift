import NIOEmbedded
import Synchronization
import Testing

@testable import AgentDaemon

@Suite struct `The executor of an event loop` {
    /// What has been done, in order.
    private final class Log: Sendable {
        private let entries = Mutex<[String]>([])

        func note(_ entry: String) { entries.withLock { $0.append(entry) } }

        var all: [String] { entries.withLock { $0 } }
    }

    @Test func `runs the jobs of the loop together, and what is to follow behind them`() {
        let loop = EmbeddedEventLoop()
        let executor = EventLoopTaskExecutor(eventLoop: loop)
        let log = Log()
        executor.afterJobs { log.note("follows") }
        for number in 1...3 {
            Task(executorPreference: executor) {
                log.note("begins \(number)")
                await Task.yield()
                log.note("ends \(number)")
            }
        }
        #expect(log.all.isEmpty)
        executor.run()
        #expect(log.all == ["begins 1", "begins 2", "begins 3", "ends 1", "ends 2", "ends 3", "follows"])
        loop.run()
        #expect(log.all.count == 7)
    }

    @Test func `leaves the loop to its sockets when tasks go on and on`() {
        let loop = EmbeddedEventLoop()
        let executor = EventLoopTaskExecutor(eventLoop: loop)
        let rings = Log()
        let isOver = Mutex(false)
        executor.onLeftOver = { rings.note("ring") }
        let ended = Log()
        Task(executorPreference: executor) {
            while !isOver.withLock({ $0 }) { await Task.yield() }
            ended.note("over")
        }
        executor.run()
        #expect(rings.all == ["ring"])
        // Nothing runs before the bell is heard.
        loop.run()
        #expect(ended.all.isEmpty)
        isOver.withLock { $0 = true }
        executor.run()
        #expect(ended.all == ["over"])
    }
}
