import Concurrency
import Synchronization

/// Every open connection, and who it belongs to.
package final class ConnectionRegistry: Sendable {
    /// One open connection, for the administrator.
    package struct Connection: Sendable {
        /// Its number, unique in this process's life.
        package let number: UInt64
        /// The socket it came in on.
        package let socket: ServedSocket
        /// Who is at the other end.
        package let caller: Caller
        /// When it was accepted.
        package let since: ContinuousClock.Instant
    }

    /// What became of a new connection.
    enum Admission {
        /// It has a place under this number.
        case admitted(UInt64)
        /// It is over a cap.
        case refused
    }

    private struct Entry {
        let connection: Connection
        let lane: ConnectionAdmission.Lane
        var handle: ConnectionHandle?
    }

    private struct State {
        var admission: ConnectionAdmission
        var entries: [UInt64: Entry] = [:]
        var lastNumber: UInt64 = 0
        var isClosed = false
        var waiters = WaiterList<Void, Void>()

        var isEmptied: Bool { isClosed && entries.isEmpty }

        /// Those who wait for the last connection, if it is gone.
        mutating func takeWaiters() -> [Waiter<Void>] { isEmptied ? waiters.removeAll() : [] }
    }

    private let state: Mutex<State>

    /// An empty registry.
    init(caps: ConnectionCaps) {
        state = Mutex(State(admission: ConnectionAdmission(caps: caps)))
    }

    /// The open connections, oldest first.
    package var connections: [Connection] {
        state.withLock { $0.entries.values.map(\.connection) }.sorted { $0.number < $1.number }
    }

    /// The open connections, oldest first, with what each is doing.
    func activeConnections() async -> [(connection: Connection, activity: ConnectionActivity)] {
        let handles = state.withLock { $0.entries.compactMapValues(\.handle) }
        let activities = await ConnectionHandle.activities(of: handles)
        return connections.map { ($0, activities[$0.number] ?? ConnectionActivity()) }
    }

    /// How many there are.
    package var count: Int { state.withLock { $0.entries.count } }

    /// Puts other caps in force; connections that are over them stay.
    func change(_ caps: ConnectionCaps) {
        state.withLock { $0.admission.caps = caps }
    }

    /// Gives a new connection a place and a number.
    func admit(caller: Caller, socket: ServedSocket, isProbe: Bool, now: ContinuousClock.Instant) -> Admission {
        state.withLock { state in
            // Also after ``close()``: who was accepted in that moment is served, as those are who were a moment before.
            guard let lane = state.admission.admit(uid: caller.uid, socket: socket, isProbe: isProbe) else {
                return .refused
            }
            state.lastNumber += 1
            let connection = Connection(number: state.lastNumber, socket: socket, caller: caller, since: now)
            state.entries[state.lastNumber] = Entry(connection: connection, lane: lane)
            return .admitted(state.lastNumber)
        }
    }

    /// Makes the connection reachable for ``close()`` and its kind; called on its event loop.
    func attach(_ handle: ConnectionHandle, to number: UInt64) {
        let isClosed = state.withLock { state in
            state.entries[number]?.handle = handle
            return state.isClosed
        }
        // It came in while the others were told to drain.
        if isClosed { handle.drain() }
    }

    /// Gives the place of a closed connection back.
    func remove(_ number: UInt64) {
        let waiters = state.withLock { state -> [Waiter<Void>] in
            guard let entry = state.entries.removeValue(forKey: number) else { return [] }
            state.admission.release(entry.lane, uid: entry.connection.caller.uid)
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Begins the end: returns the open connections; those that still come are told to drain at once.
    func close() -> [ConnectionHandle] {
        let (handles, waiters) = state.withLock { state in
            state.isClosed = true
            return (state.entries.values.compactMap(\.handle), state.takeWaiters())
        }
        for waiter in waiters { waiter.resume() }
        return handles
    }

    /// The open ones.
    var handles: [ConnectionHandle] { state.withLock { $0.entries.values.compactMap(\.handle) } }

    /// Returns when the registry has been closed and its last connection is gone, or when the task is cancelled. May be
    /// asked again after that.
    func waitUntilEmptied() async {
        await Waiter<Void>.wait { waiter in
            let isOver = state.withLock { state in
                if state.isEmptied || Task.isCancelled { return true }
                state.waiters.add(waiter)
                return false
            }
            if isOver { waiter.resume() }
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }?.resume()
        }
    }
}
