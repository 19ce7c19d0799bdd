import NIOCore

/// A connection as seen from other threads: everything is passed on to its event loop.
struct ConnectionHandle: Sendable {
    private let eventLoop: any EventLoop
    private let handler: NIOLoopBound<ConnectionHandler>

    /// The handle of a handler; made on its event loop.
    init(_ handler: ConnectionHandler, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    /// Takes an answer to the connection. Calls run on the connection's loop, so this usually hops nowhere.
    func answered(_ call: Call, with answer: Answer) {
        onLoop { $0.answered(call, with: answer) }
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

    private func onLoop(_ action: @escaping @Sendable (ConnectionHandler) -> Void) {
        if eventLoop.inEventLoop {
            action(handler.value)
        } else {
            eventLoop.execute { action(handler.value) }
        }
    }
}
