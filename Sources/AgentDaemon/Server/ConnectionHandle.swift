import Concurrency
import NIOCore

/// What drives one connection, on its event loop.
protocol ConnectionDriver: AnyObject {
    /// Takes the answer of a call that was started for the connection.
    func answered(_ call: Call, with answer: Answer)
    /// Looks at the clock: something may be due.
    func timerFired()
    /// The daemon begins to stop: nothing new is begun.
    func drain()
    /// The time for that is over: what is in flight ends now.
    func expireDrain()
    /// Closes the connection whatever is in flight.
    func closeNow()
    /// What the connection is doing now.
    var activity: ConnectionActivity { get }
    /// Writes notifications of a call in flight.
    func notify(_ lines: [UInt8], _ written: OneShot<Bool>)
}

extension ConnectionDriver {
    /// A connection without calls that could be told from each other.
    var activity: ConnectionActivity { ConnectionActivity() }

    /// A connection that has no notifications.
    func notify(_ lines: [UInt8], _ written: OneShot<Bool>) { written.tell(false) }
}

/// A connection as seen from other threads: everything is passed on to its event loop.
struct ConnectionHandle: Sendable {
    let eventLoop: any EventLoop
    let driver: NIOLoopBound<any ConnectionDriver>

    /// The handle of a connection; made on its event loop.
    init(_ driver: any ConnectionDriver, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.driver = NIOLoopBound(driver, eventLoop: eventLoop)
    }

    /// Takes an answer to the connection. Calls run on the connection's loop, so this usually hops nowhere.
    func answered(_ call: Call, with answer: Answer) {
        onLoop { $0.answered(call, with: answer) }
    }

    /// Writes notifications; true once the kernel has taken them, false if they cannot be read or the task is cancelled.
    func notify(_ lines: [UInt8]) async -> Bool {
        let written = OneShot<Bool>()
        return await written.value {
            onLoop { $0.notify(lines, written) }
        } onCancel: {
            written.tell(false)
        }
    }

    /// The daemon begins to stop: finish what is in flight, then close.
    func drain() {
        onLoop { $0.drain() }
    }

    /// The time for that is over: end what is in flight, then close.
    func expireDrain() {
        onLoop { $0.expireDrain() }
    }

    /// Close now.
    func close() {
        onLoop { $0.closeNow() }
    }

    /// Look at the clock again.
    func recheckTimers() {
        onLoop { $0.timerFired() }
    }

    private func onLoop(_ action: @escaping @Sendable (any ConnectionDriver) -> Void) {
        if eventLoop.inEventLoop {
            action(driver.value)
        } else {
            eventLoop.execute { action(driver.value) }
        }
    }
}
