/// How many connections there may be.
package struct ConnectionCaps: Sendable, Equatable {
    /// All of them together.
    package let total: Int
    /// Of one uid on the main socket, root too; fewer when few places are free, see ``ConnectionAdmission``.
    package let perUser: Int
    /// Kept for root's connections to the main socket, within the total.
    let rootLane: Int
    /// Kept for the control socket, within the total; it gets no more than these.
    let controlLane: Int
    /// Kept for the credential socket, within the total; it gets no more than these. Units that are started together at
    /// boot come together.
    let credentialLane: Int
    /// Kept for the daemon's own probe of itself, within the total; it gets no more than these.
    let probeLane: Int

    /// Caps with lanes that leave most of the total to everyone.
    package init(total: Int = 4096, perUser: Int = 256) {
        self.total = total
        self.perUser = perUser
        rootLane = min(perUser, total / 8)
        controlLane = min(32, max(1, total / 16))
        credentialLane = min(256, max(1, total / 16))
        probeLane = 2
    }

    /// What is left for everyone.
    var common: Int { max(1, total - rootLane - controlLane - credentialLane - probeLane) }
}

/// Counts connections against the caps.
///
/// Lanes keep a crowd of one kind from locking out another: whatever ordinary users do, root can still log in through
/// the agent, the administrator reaches the control socket, and the watchdog's probe tells a full daemon from a dead one.
/// Among ordinary users, a uid gets one more place only while it has fewer than are free.
struct ConnectionAdmission {
    /// The places that connections compete for.
    enum Lane: CaseIterable {
        /// Everyone's.
        case common
        /// Root's on the main socket; when it is full root competes for the common places.
        case root
        /// The control socket's.
        case control
        /// The credential socket's.
        case credential
        /// The daemon's own probe's.
        case probe
    }

    /// The caps; new ones count for connections that come.
    var caps: ConnectionCaps
    private var used: [Lane: Int] = [:]
    private var perUser: [UInt32: Int] = [:]

    init(caps: ConnectionCaps) {
        self.caps = caps
    }

    /// Takes a place for a connection, or answers nil if it is over a cap.
    ///
    /// - Parameter isProbe: whether the daemon itself is at the other end.
    mutating func admit(uid: UInt32, socket: ServedSocket, isProbe: Bool) -> Lane? {
        if isProbe {
            return take(.probe, limit: caps.probeLane)
        }
        switch socket {
        case .main: break
        case .control: return take(.control, limit: caps.controlLane)
        case .credential: return take(.credential, limit: caps.credentialLane)
        }
        let held = perUser[uid, default: 0]
        guard held < caps.perUser else { return nil }
        var lane = uid == 0 ? take(.root, limit: caps.rootLane) : nil
        // A uid may have one more while it has fewer than are free, so that there is always room for another uid.
        if lane == nil, held < caps.common - used[.common, default: 0] { lane = take(.common, limit: caps.common) }
        guard let lane else { return nil }
        perUser[uid] = held + 1
        return lane
    }

    /// Gives a place back.
    mutating func release(_ lane: Lane, uid: UInt32) {
        used[lane, default: 0] -= 1
        guard lane == .common || lane == .root else { return }
        let count = perUser[uid, default: 0] - 1
        perUser[uid] = count > 0 ? count : nil
    }

    private mutating func take(_ lane: Lane, limit: Int) -> Lane? {
        guard used[lane, default: 0] < limit else { return nil }
        used[lane, default: 0] += 1
        return lane
    }
}
