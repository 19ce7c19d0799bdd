import AgentProtocol
import Synchronization

/// Takes the events of one watch to the task that iterates over them, and counts those that there was no room for.
final class EventSink: Sendable {
    private let continuation: AsyncThrowingStream<DaemonEvent, any Error>.Continuation
    private let dropped = Mutex(0)

    init(_ continuation: AsyncThrowingStream<DaemonEvent, any Error>.Continuation) {
        self.continuation = continuation
    }

    /// An event has come.
    func take(_ event: DaemonEvent) {
        var event = event
        event.dropped += dropped.withLock { $0 }
        let isKept: Bool
        if case .dropped = continuation.yield(event) { isKept = false } else { isKept = true }
        // Lines come one after the other, so the count has not changed meanwhile.
        dropped.withLock { $0 = isKept ? 0 : event.dropped + 1 }
    }

    /// The watch has ended.
    func end(_ error: AgentError) {
        continuation.finish(throwing: error)
    }
}
