import Synchronization

/// How much of the daemon's memory the unread answers of each uid hold, over all its connections.
///
/// Connections report only what is left after the kernel took what it could, so peers that read never get here.
final class UnreadBudget: Sendable {
    private let limit: Int
    private let held = Mutex<[UInt32: Int]>([:])

    /// A budget of so many bytes per uid.
    init(limit: Int) {
        self.limit = limit
    }

    /// Tells that a connection now holds `new` bytes where it held `old`.
    ///
    /// - Returns: false if that makes the uid's total grow over the limit; the connection must then close, and report 0.
    func change(uid: UInt32, from old: Int, to new: Int) -> Bool {
        held.withLock { held in
            let total = held[uid, default: 0] - old + new
            held[uid] = total > 0 ? total : nil
            return new <= old || total <= limit
        }
    }

    /// The uids that hold anything.
    var holders: Int { held.withLock { $0.count } }
}
