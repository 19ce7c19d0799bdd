import AgentProtocol
import Synchronization

/// Takes the events of one watch to the task that iterates over them, and counts those that there was no room for.
final class EventSink: Sendable {
    private let continuation: AsyncThrowingStream<DaemonEvent, any Error>.Continuation
    private let dropped = Mutex(0)
    /// Whether the task has ended the watch itself: a stream tells of its termination before it is over, and the agent may
    /// answer that quickly.
    private let isUnwanted = Atomic(false)

    init(_ continuation: AsyncThrowingStream<DaemonEvent, any Error>.Continuation) {
        self.continuation = continuation
    }

    /// The task wants nothing more: what still comes is dropped, and the watch ends without an error.
    func dismiss() {
        isUnwanted.store(true, ordering: .relaxed)
    }

    /// An event has come.
    func take(_ event: DaemonEvent) {
        guard !isUnwanted.load(ordering: .relaxed) else { return }
        var event = event
        event.dropped += dropped.withLock { $0 }
        let isKept: Bool
        if case .dropped = continuation.yield(event) { isKept = false } else { isKept = true }
        // Lines come one after the other, so the count has not changed meanwhile.
        dropped.withLock { $0 = isKept ? 0 : event.dropped + 1 }
    }

    /// The watch has ended.
    func end(_ error: AgentError) {
        continuation.finish(throwing: isUnwanted.load(ordering: .relaxed) ? nil : error)
    }
}
