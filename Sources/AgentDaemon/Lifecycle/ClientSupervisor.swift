import MosaicAPI
import ServiceLifecycle
import Synchronization

/// Runs the clients of all configurations in use, each from the moment it is added until it is stopped.
final class ClientSupervisor: Service {
    private struct State {
        /// Clients that were added and do not run yet.
        var waiting: [ObjectIdentifier: RunningClient] = [:]
        var isOver = false
    }

    private let state = Mutex(State())
    private let additions = AsyncStream.makeStream(of: RunningClient.self)

    /// Has a client run, now or as soon as the roster does.
    ///
    /// - Returns: false when the roster is over; then the caller shuts the client down.
    func add(_ client: RunningClient) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isOver else { return false }
            state.waiting[ObjectIdentifier(client)] = client
            return true
        }
        if isTaken { additions.continuation.yield(client) }
        return isTaken
    }

    /// Runs clients until the graceful shutdown or until the task is cancelled, and waits until the last has closed.
    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await client in additions.stream {
                    _ = state.withLock { $0.waiting.removeValue(forKey: ObjectIdentifier(client)) }
                    group.addTask { await client.run() }
                }
                group.cancelAll()
            }
        }
        let left = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for client in left { await client.configured.service.shutdown() }
    }
}
