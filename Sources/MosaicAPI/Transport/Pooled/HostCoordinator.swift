import NIOCore
import Synchronization

/// What the event loops' pools of one host share: who may have how much, and who waits.
final class HostCoordinator: Sendable {
    private struct State {
        var shares: ConnectionShares
        /// The pools by position; nil for those that are shut down.
        var members: [NIOLoopBound<HostPool>?] = []
        /// The members, by position, that wait for what others give back.
        var waiting: Set<Int> = []

        mutating func takeWaiting(but position: Int) -> [NIOLoopBound<HostPool>] {
            // As nearly always.
            if waiting.isEmpty { return [] }
            let others = waiting.filter { $0 != position }
            waiting.subtract(others)
            return others.compactMap { members[$0] }
        }
    }

    private let state: Mutex<State>

    /// A coordinator of pools that do not exist yet.
    init(limit: Int) {
        state = Mutex(State(shares: ConnectionShares(limit: limit)))
    }

    /// Counts a pool among those that share.
    ///
    /// - Returns: Its position.
    func join(_ pool: NIOLoopBound<HostPool>) -> Int {
        state.withLock { state in
            state.members.append(pool)
            return state.members.count - 1
        }
    }

    /// The pool at `position` is shut down. It is let go: the two hold each other.
    func leave(_ position: Int) {
        state.withLock { state in
            state.members[position] = nil
            state.waiting.remove(position)
        }
    }

    /// Whether a uid may have one more exchange in flight.
    func mayBegin(_ uid: UInt32) -> Bool { state.withLock { $0.shares.mayBegin(uid) } }

    /// Counts an exchange, if its uid may have one more.
    func begin(_ uid: UInt32) -> Bool { state.withLock { $0.shares.begin(uid) } }

    /// An exchange of the pool at `position` is over; pools of other loops that wait are told.
    func end(_ uid: UInt32, at position: Int) {
        notify(
            state.withLock { state in
                state.shares.end(uid)
                return state.takeWaiting(but: position)
            }
        )
    }

    /// Counts a connection, if there may be one more; if not, a pool of another loop closes one that is idle.
    func openConnection(at position: Int) -> Bool {
        let (isOpen, others) = state.withLock { state -> (Bool, [NIOLoopBound<HostPool>]) in
            if state.shares.openConnection() { return (true, []) }
            state.waiting.insert(position)
            return (false, state.members.indices.filter { $0 != position }.compactMap { state.members[$0] })
        }
        for pool in others { pool.eventLoop.execute { pool.value.closeOldestIdle() } }
        return isOpen
    }

    /// A connection of the pool at `position` is gone.
    func closeConnection(at position: Int) {
        notify(
            state.withLock { state in
                state.shares.closeConnection()
                return state.takeWaiting(but: position)
            }
        )
    }

    /// Asks the other pools for idle connections; each answers by ``offer(_:from:to:)``.
    ///
    /// - Returns: How many are asked.
    func askForIdle(at position: Int) -> Int {
        let others = state.withLock { state in
            state.members.indices.filter { $0 != position }.compactMap { state.members[$0] }
        }
        for pool in others { pool.eventLoop.execute { pool.value.offerIdle(to: position) } }
        return others.count
    }

    /// Tells the pool at `position` how many connections of another one are idle.
    func offer(_ count: Int, from other: Int, to position: Int) {
        let pool = state.withLock { $0.members[position] }
        pool?.eventLoop.execute { pool?.value.handOver(count, to: other) }
    }

    /// Has the pool at `position` carry out an exchange of another one.
    func hand(_ exchange: Exchange, to position: Int) {
        guard let pool = state.withLock({ $0.members[position] }) else {
            exchange.end(.failure(TransportFailure(.shutDown, mayHaveBeenSent: false)))
            return end(exchange.call.uid, at: position)
        }
        pool.eventLoop.execute { pool.value.carry(exchange) }
    }

    /// The pool at `position` waits for what others give back.
    func waits(at position: Int) {
        state.withLock { _ = $0.waiting.insert(position) }
    }

    /// What is counted at the moment, for tests.
    var shares: ConnectionShares { state.withLock { $0.shares } }

    private func notify(_ pools: [NIOLoopBound<HostPool>]) {
        for pool in pools { pool.eventLoop.execute { pool.value.pump() } }
    }
}
