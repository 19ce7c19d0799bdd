package import AgentProtocol
import FoundationEssentials
import Synchronization

/// Where events go: to all that watch at that moment.
///
/// Publishing never waits. While there is no watch it costs one look at a number, so calls do not pay for watches that others
/// might have.
package final class EventHub: Sendable {
    private struct State {
        var subscriptions: [EventSubscription] = []
    }

    private let state = Mutex(State())
    /// One bit per kind that is watched, by its place in `EventKind.watchable`.
    private let watched = Atomic<UInt64>(0)
    private let allDropped = Atomic<Int>(0)

    /// A hub without watches.
    package init() {}

    /// How many watch now.
    package var watchers: Int { state.withLock { $0.subscriptions.count } }

    /// Events left out since the start because their reader was too slow.
    package var dropped: Int { allDropped.load(ordering: .relaxed) }

    /// Tells those who watch events of this kind; `details` is asked for only if there are any.
    package func publish(_ kind: EventKind, _ details: () -> DaemonEvent.Details) {
        let watched = watched.load(ordering: .relaxed)
        guard watched != 0, watched & Self.bit(kind) != 0 else { return }
        let event = WatchedEvent(kind: kind, time: .now, details: details())
        for subscription in state.withLock({ $0.subscriptions }) where subscription.mask & Self.bit(kind) != 0 {
            if !subscription.offer(event) { allDropped.add(1, ordering: .relaxed) }
        }
    }

    /// Begins to watch.
    ///
    /// - Parameter kinds: what to be told; all when empty.
    func subscribe(to kinds: [EventKind]) -> EventSubscription {
        let all = kinds.isEmpty ? EventKind.watchable : kinds
        let subscription = EventSubscription(mask: all.reduce(0) { $0 | Self.bit($1) })
        state.withLock { state in
            state.subscriptions.append(subscription)
            update(state)
        }
        return subscription
    }

    /// Ends a watch.
    func end(_ subscription: EventSubscription) {
        state.withLock { state in
            state.subscriptions.removeAll { $0 === subscription }
            update(state)
        }
    }

    /// Under the lock, so that the number never lags behind the list.
    private func update(_ state: borrowing State) {
        watched.store(state.subscriptions.reduce(0) { $0 | $1.mask }, ordering: .relaxed)
    }

    private static func bit(_ kind: EventKind) -> UInt64 {
        EventKind.watchable.firstIndex(of: kind).map { 1 << UInt64($0) } ?? 0
    }
}

/// An event on its way to those who watch.
struct WatchedEvent: Sendable {
    let kind: EventKind
    let time: Date
    let details: DaemonEvent.Details
    /// How many were left out before it, for this reader.
    var dropped = 0
}
