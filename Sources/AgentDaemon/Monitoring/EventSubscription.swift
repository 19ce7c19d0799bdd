import AgentProtocol
import Synchronization

/// One watch: the events that wait for its reader, as many as it may have, and the reader if it waits for events.
final class EventSubscription: Sendable {
    /// Events handed to the reader at once.
    static let batch = 64

    private struct State {
        var waiting: [WatchedEvent] = []
        var dropped = 0
        var reader: CheckedContinuation<[WatchedEvent]?, Never>?
        var isEnded = false

        mutating func take() -> [WatchedEvent] {
            let taken = Array(waiting.prefix(EventSubscription.batch))
            waiting.removeFirst(taken.count)
            return taken
        }
    }

    /// The kinds that it is told, as ``EventHub`` numbers them.
    let mask: UInt64
    private let state = Mutex(State())

    init(mask: UInt64) {
        self.mask = mask
    }

    /// Gives the reader an event, or leaves it out if too many wait.
    ///
    /// - Returns: false if it was left out.
    func offer(_ event: WatchedEvent) -> Bool {
        typealias Handover = (reader: CheckedContinuation<[WatchedEvent]?, Never>, events: [WatchedEvent])
        let (isTaken, handover) = state.withLock { state -> (Bool, Handover?) in
            guard !state.isEnded, state.waiting.count < EventKind.maximumWaiting else {
                state.dropped += 1
                return (false, nil)
            }
            var event = event
            event.dropped = state.dropped
            state.dropped = 0
            state.waiting.append(event)
            guard let reader = state.reader else { return (true, nil) }
            state.reader = nil
            return (true, (reader, state.take()))
        }
        handover?.reader.resume(returning: handover?.events)
        return isTaken
    }

    /// The next events, oldest first; waits for one if there is none. Nil once the task is cancelled.
    func next() async -> [WatchedEvent]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                let ready: [WatchedEvent]?? = state.withLock { state in
                    // Asked under the lock: the handler below may have looked for the reader already.
                    if state.isEnded || Task.isCancelled { return .some(nil) }
                    guard state.waiting.isEmpty else { return state.take() }
                    state.reader = reader
                    return nil
                }
                if let ready { reader.resume(returning: ready) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                state.isEnded = true
                defer { state.reader = nil }
                return state.reader
            }
            reader?.resume(returning: nil)
        }
    }
}
