internal import Glibc
internal import Synchronization

/// Tells the service manager things without letting anybody wait for it.
///
/// The manager's socket holds few messages (`net.unix.max_dgram_qlen`, which may be 10), and a sender of one more waits
/// until it reads. It need not read for a long time, and no call may be held up by that. So notifications are sent from a
/// thread of its own, which is there only while there are some.
final class NotificationQueue: Sendable {
    private struct State {
        var pending: PendingNotifications
        var isSending = false
        var waiters: [AsyncStream<Never>.Continuation] = []
    }

    private let state: Mutex<State>
    private let send: @Sendable (ServiceNotification) -> ServiceNotifier.Delivery

    /// A queue in front of `send`, which may block.
    ///
    /// - Parameter capacity: How many notifications may wait, each about a topic of its own.
    init(capacity: Int, send: @escaping @Sendable (ServiceNotification) -> ServiceNotifier.Delivery) {
        self.state = Mutex(State(pending: PendingNotifications(capacity: capacity)))
        self.send = send
    }

    /// Has it sent when its turn comes.
    func add(_ notification: ServiceNotification) -> ServiceNotifier.Delivery {
        let (isTaken, isFirst) = self.state.withLock { state in
            guard state.pending.add(notification) else { return (false, false) }
            defer { state.isSending = true }
            return (true, !state.isSending)
        }
        guard isTaken else { return .failed(SystemCallError(call: "sd_notify", number: ENOBUFS)) }
        if isFirst, !DetachedThread.run({ self.sendAll() }) {
            // The next notification tries again.
            self.state.withLock { $0.isSending = false }
        }
        return .queued
    }

    /// Returns when everything has been sent, after `limit`, or when the task is cancelled.
    func flush(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.flush() }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    private func flush() async {
        let (end, waiter) = AsyncStream.makeStream(of: Never.self)
        let isSettled = self.state.withLock { state in
            if state.isSending { state.waiters.append(waiter) }
            return !state.isSending
        }
        if isSettled { waiter.finish() }
        for await _ in end {}
    }

    private func sendAll() {
        while let notification = self.next() {
            if case .failed(let error) = self.send(notification) { notification.onFailure(error) }
        }
    }

    private func next() -> ServiceNotification? {
        let (next, waiters) = self.state.withLock { state in
            let next = state.pending.next()
            guard next == nil else { return (next, [AsyncStream<Never>.Continuation]()) }
            state.isSending = false
            defer { state.waiters = [] }
            return (next, state.waiters)
        }
        for waiter in waiters { waiter.finish() }
        return next
    }
}
