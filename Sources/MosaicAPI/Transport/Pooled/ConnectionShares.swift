/// How many exchanges each uid has on the connections of one transport, over all event loops, and how many connections there are.
///
/// A uid may have one more exchange while it has fewer than are free, so a lone one can have half of all, and a second one
/// always finds room. Some are kept for root, which is also what the agent itself is.
struct ConnectionShares {
    /// The most exchanges and the most connections at a time.
    let limit: Int
    /// Of these, how many only root gets.
    let rootLane: Int

    private var perUser: [UInt32: Int] = [:]
    /// Exchanges on a connection.
    private(set) var inFlight = 0
    /// Connections that are open or being opened.
    private(set) var connections = 0

    /// Nothing is in flight.
    init(limit: Int) {
        precondition(limit > 0, "a transport needs a connection")
        self.limit = limit
        rootLane = min(8, limit / 4)
    }

    /// How many exchanges of a uid are in flight.
    func inFlight(of uid: UInt32) -> Int { perUser[uid] ?? 0 }

    /// Whether a uid may have one more exchange in flight.
    func mayBegin(_ uid: UInt32) -> Bool {
        if uid == 0 { return inFlight < limit }
        let free = limit - rootLane - (inFlight - min(inFlight(of: 0), rootLane))
        return inFlight(of: uid) < free
    }

    /// Counts an exchange, if its uid may have one more.
    mutating func begin(_ uid: UInt32) -> Bool {
        guard mayBegin(uid) else { return false }
        inFlight += 1
        perUser[uid, default: 0] += 1
        return true
    }

    /// An exchange is over.
    mutating func end(_ uid: UInt32) {
        inFlight -= 1
        let rest = inFlight(of: uid) - 1
        perUser[uid] = rest > 0 ? rest : nil
    }

    /// Counts a connection, if there may be one more.
    mutating func openConnection() -> Bool {
        guard connections < limit else { return false }
        connections += 1
        return true
    }

    /// A connection is gone.
    mutating func closeConnection() {
        connections -= 1
    }
}
