package import AgentProtocol
import Synchronization

/// Bounds how many calls are served at once, in total and for one user.
///
/// The limit of one connection is the connection's own affair; this one holds across all of a user's connections. A uid may
/// have one more call served only while it has fewer than there are free places, so that there is always room for
/// another uid. Calls on the control socket are not limited, and root's are neither refused because of others' nor take
/// places from them: the administrator of a flooded agent must still get through.
package final class CallLimiter: Sendable {
    private struct State {
        var maximumTotal: Int
        var maximumPerUser: Int
        var all = 0
        /// Of all but root on the main socket.
        var total = 0
        var perUser: [UInt32: Int] = [:]
    }

    private let state: Mutex<State>

    /// A limiter.
    ///
    /// - Parameters:
    ///   - maximumTotal: calls served at once, all users together.
    ///   - maximumPerUser: of these, of one uid.
    package init(maximumTotal: Int, maximumPerUser: Int) {
        state = Mutex(State(maximumTotal: maximumTotal, maximumPerUser: maximumPerUser))
    }

    /// Puts other limits in force; calls that are over them go on.
    package func change(maximumTotal: Int, maximumPerUser: Int) {
        state.withLock { state in
            state.maximumTotal = maximumTotal
            state.maximumPerUser = maximumPerUser
        }
    }

    /// Takes a place for a call; it must be given back with ``leave(socket:caller:)`` if the answer is true.
    package func enter(socket: SocketKind, caller: Caller) -> Bool {
        state.withLock { state in
            state.all += 1
            guard socket == .main else { return true }
            let ofUser = state.perUser[caller.uid, default: 0]
            guard ofUser < state.maximumPerUser, caller.uid == 0 || ofUser < state.maximumTotal - state.total else {
                state.all -= 1
                return false
            }
            if caller.uid != 0 { state.total += 1 }
            state.perUser[caller.uid] = ofUser + 1
            return true
        }
    }

    /// Gives a place back.
    package func leave(socket: SocketKind, caller: Caller) {
        state.withLock { state in
            state.all -= 1
            guard socket == .main else { return }
            if caller.uid != 0 { state.total -= 1 }
            let left = state.perUser[caller.uid, default: 1] - 1
            // Users without calls are forgotten: the table never holds more than there are calls.
            state.perUser[caller.uid] = left == 0 ? nil : left
        }
    }

    /// Calls being served now, those of the control socket too.
    package var inFlight: Int { state.withLock { $0.all } }
}
