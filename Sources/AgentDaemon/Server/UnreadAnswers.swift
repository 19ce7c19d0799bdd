import Synchronization

/// The answers that a connection was given and the kernel has not taken, oldest first.
///
/// The age that counts is that of the oldest answer, not the time since the last byte moved: else a peer that reads one
/// byte a second would hold the memory for ever.
struct UnreadAnswers {
    private var queue: [(bytes: Int, since: ContinuousClock.Instant)] = []
    private var head = 0

    /// Their sum.
    private(set) var bytes = 0

    /// When the oldest of them was queued.
    var oldest: ContinuousClock.Instant? { isEmpty ? nil : queue[head].since }

    /// Whether the peer has everything.
    var isEmpty: Bool { head == queue.count }

    mutating func append(bytes count: Int, at now: ContinuousClock.Instant) {
        bytes += count
        queue.append((count, now))
    }

    /// Takes the oldest away.
    ///
    /// - Precondition: there is one.
    mutating func removeFirst() {
        precondition(!isEmpty, "an answer was written that was never queued")
        bytes -= queue[head].bytes
        head += 1
        if isEmpty {
            queue.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= queue.count {
            // Keeps a queue that never runs empty from growing for ever.
            queue.removeFirst(head)
            head = 0
        }
    }
}

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
