import Synchronization

/// Tells one waiter of the process from all others.
package struct WaiterID: Hashable, Sendable {
    private static let last = Atomic<UInt64>(0)
    private let number: UInt64

    fileprivate init() { number = Self.last.add(1, ordering: .relaxed).newValue }
}

/// A task that is suspended until its waiter is resumed; once, outside all locks.
package struct Waiter<Value: Sendable>: Sendable {
    /// Which one it is.
    package let id: WaiterID
    private let continuation: CheckedContinuation<Value, Never>

    fileprivate init(_ id: WaiterID, _ continuation: CheckedContinuation<Value, Never>) {
        self.id = id
        self.continuation = continuation
    }

    /// Lets the task go on with `value`.
    package func resume(returning value: Value) { continuation.resume(returning: value) }

    /// Suspends the current task until its waiter is resumed.
    ///
    /// - Parameters:
    ///   - join: puts the waiter where what ends the wait finds it, or resumes it at once. Where waiters stand behind a lock, it asks for
    ///     `Task.isCancelled` under that lock: `leave` may have run already and found no waiter.
    ///   - leave: called when the task is cancelled; it takes the waiter out and resumes it, if it is there.
    package static func wait(
        isolation: isolated (any Actor)? = #isolation,
        join: (Waiter) -> Void,
        leave: @escaping @Sendable (WaiterID) -> Void
    ) async -> Value {
        let id = WaiterID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { join(Waiter(id, $0)) }
        } onCancel: {
            leave(id)
        }
    }
}

extension Waiter where Value == Void {
    /// Lets the task go on.
    package func resume() { resume(returning: ()) }
}

/// Waiters that stand behind one lock, each with a note of its own; a plain value.
///
/// Joining, leaving and finding one take constant time. Who takes waiters out resumes them after giving the lock back.
package struct WaiterList<Value: Sendable, Note: Sendable>: Sendable {
    /// A waiter with its note.
    package struct Entry: Sendable {
        /// The waiter.
        package let waiter: Waiter<Value>
        /// What was noted of it.
        package let note: Note
    }

    private var entries: [WaiterID: Entry] = [:]

    /// An empty list.
    package init() {}

    /// How many wait.
    package var count: Int { entries.count }

    /// Whether none waits.
    package var isEmpty: Bool { entries.isEmpty }

    /// All that wait, by what tells them apart.
    package var all: [WaiterID: Entry] { entries }

    /// Takes a waiter in.
    package mutating func add(_ waiter: Waiter<Value>, _ note: Note) {
        entries[waiter.id] = Entry(waiter: waiter, note: note)
    }

    /// Takes a waiter out; nil if it does not wait here any more.
    package mutating func remove(_ id: WaiterID) -> Waiter<Value>? { entries.removeValue(forKey: id)?.waiter }

    /// Takes all out.
    package mutating func removeAll() -> [Waiter<Value>] {
        if entries.isEmpty { return [] }
        defer { entries = [:] }
        // No key path: in generic code one is made anew each time.
        return entries.values.map { $0.waiter }
    }
}

extension WaiterList where Note == Void {
    /// Takes a waiter in.
    package mutating func add(_ waiter: Waiter<Value>) { add(waiter, ()) }
}
