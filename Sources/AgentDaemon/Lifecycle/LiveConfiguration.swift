import AgentProtocol
import MosaicAPI
import Synchronization

/// One configuration with everything that was made of it: what a call sees, whole and unchanged, from its begin to its end.
final class ConfigurationSnapshot: Sendable {
    /// What was read.
    let loaded: LoadedConfiguration
    /// When it was read.
    let since: ContinuousClock.Instant
    /// Its clients, in its order.
    let members: [ManagedClient]
    /// Serves calls by it.
    let dispatcher: Dispatcher
    /// Looks at its clients and the audit queue.
    let monitor: HealthMonitor

    /// A configuration and what was made of it.
    init(
        loaded: LoadedConfiguration,
        since: ContinuousClock.Instant,
        members: [ManagedClient],
        dispatcher: Dispatcher,
        monitor: HealthMonitor
    ) {
        self.loaded = loaded
        self.since = since
        self.members = members
        self.dispatcher = dispatcher
        self.monitor = monitor
    }
}

/// Serves each call by the configuration in force when it came.
///
/// Policy, clients, handlers and release grid are one value, so no call can see the policy of one configuration and the
/// clients of another. An old configuration lives until its last call has ended; then clients that no other one has are
/// stopped.
final class LiveConfiguration: CallDispatching {
    private struct State {
        var generations: ConfigurationSnapshots<ConfigurationSnapshot>
        var refusal: String?
    }

    private let state: Mutex<State>

    /// Serves by `first` until it is replaced.
    init(_ first: ConfigurationSnapshot) {
        state = Mutex(State(generations: ConfigurationSnapshots(first)))
    }

    /// The configuration that new calls get.
    var current: ConfigurationSnapshot { state.withLock { $0.generations.current } }

    /// Why the last reload was refused; nil when it was not.
    var refusal: String? { state.withLock { $0.refusal } }

    /// The agent's health now.
    var report: HealthReport { current.monitor.report }

    func dispatch(_ call: Call) async -> Answer {
        #if DEBUG
        HangForTesting.blockIfAsked()
        #endif
        // A watch must not hold on to the clients of a configuration that is replaced while it goes on.
        guard !call.isOpenEnded else { return await current.dispatcher.dispatch(call) }
        let lease = state.withLock { $0.generations.enter() }
        let answer = await lease.content.dispatcher.dispatch(call)
        let orphans = state.withLock { state in
            let ended = state.generations.leave(lease.number)
            return Self.orphans(of: ended, in: state)
        }
        for client in orphans { client.stop() }
        return answer
    }

    /// Puts a configuration in force for all calls from now on.
    ///
    /// - Parameter isReload: whether it has been read; then an earlier refusal is past.
    func replace(with generation: ConfigurationSnapshot, isReload: Bool) {
        let orphans = state.withLock { state in
            if isReload { state.refusal = nil }
            let ended = state.generations.replace(with: generation)
            return Self.orphans(of: ended, in: state)
        }
        for client in orphans { client.stop() }
    }

    /// Notes that a reload was refused.
    func refused(_ reason: String) {
        state.withLock { $0.refusal = reason }
    }

    /// The clients of an ended configuration that no other one has.
    private static func orphans(of ended: ConfigurationSnapshot?, in state: borrowing State) -> [RunningClient] {
        guard let ended else { return [] }
        let needed = Set(state.generations.inUse.flatMap(\.members).map { ObjectIdentifier($0.running) })
        return ended.members.map(\.running).filter { !needed.contains(ObjectIdentifier($0)) }
    }
}
