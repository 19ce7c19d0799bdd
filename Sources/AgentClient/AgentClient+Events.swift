public import AgentProtocol
import StrictJSON
import Synchronization

extension AgentClient {
    /// Watches what happens in the agent (`daemon.watch`, on the control socket).
    ///
    /// ```swift
    /// for try await event in client.events([.callFinished, .healthChanged]) { print(event.kind) }
    /// ```
    ///
    /// The watch begins at once; the first event says so. It ends when the sequence is no longer used or the task that
    /// iterates over it is cancelled, then without an error, or else with an `AgentError` that says why: the agent stops, the
    /// deadline has passed, the connection is gone. One task may iterate, once.
    ///
    /// - Parameters:
    ///   - kinds: what to be told; all when empty.
    ///   - deadline: how long to watch; nil for as long as it goes.
    ///   - buffer: how many events to keep for a task that does not ask for them. What comes on top is left out, and counted
    ///     in the next event's `dropped`, as the agent does for readers of the socket.
    public func events(
        _ kinds: [EventKind] = [],
        deadline: Duration? = nil,
        buffer: Int = 1024
    ) -> AgentEvents {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: DaemonEvent.self,
            throwing: (any Error).self,
            bufferingPolicy: .bufferingOldest(buffer)
        )
        let milliseconds = deadline.map { Int($0 / .milliseconds(1)) }
        let parameters = DaemonWatch.Parameters(events: kinds.isEmpty ? nil : kinds)
        let sink = EventSink(continuation)
        let cancel = connection.watch(
            deadline: deadline,
            sink: sink
        ) { id in
            DaemonWatch.requestLine(id: id, parameters: parameters, deadlineMilliseconds: milliseconds)
        }
        continuation.onTermination = { _ in
            sink.dismiss()
            cancel()
        }
        return AgentEvents(stream: stream)
    }
}

/// What happens in the agent, as it happens; see ``AgentClient/events(_:deadline:buffer:)``.
public struct AgentEvents: AsyncSequence, Sendable {
    let stream: AsyncThrowingStream<DaemonEvent, any Error>

    /// Hands out the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var iterator: AsyncThrowingStream<DaemonEvent, any Error>.AsyncIterator

        /// The next event; nil when the task is cancelled.
        ///
        /// - Throws: `AgentError` when the watch has ended.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(any Error) -> DaemonEvent? {
            try await iterator.next(isolation: actor)
        }
    }

    /// The iterator; ask for one only.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(iterator: stream.makeAsyncIterator())
    }
}

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
