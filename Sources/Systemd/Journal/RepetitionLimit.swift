/// Lets the first of equal messages through, and then, as long as they go on, one per interval that stands for all that
/// were held back.
///
/// A pure state machine: time comes from the caller. Its memory is bounded: beyond ``capacity`` different messages all
/// further ones count as equal.
package struct RepetitionLimit<Key: Hashable & Sendable, Message: Sendable>: Sendable {
    /// A message to be told, and how many it stands for, itself included.
    package struct Summary: Sendable {
        /// The message; of several the last one.
        package var message: Message
        /// How many there were.
        package var count: Int
    }

    private struct Entry {
        var quietUntil: ContinuousClock.Instant
        var heldBack: Summary?
    }

    /// For how long a message is held back after an equal one was told.
    package let interval: Duration
    /// How many different messages are told apart at a time.
    package let capacity: Int
    /// Under nil those that came when there was no room.
    private var entries: [Key?: Entry] = [:]

    /// A limit that has seen nothing.
    package init(interval: Duration, capacity: Int) {
        self.interval = interval
        self.capacity = capacity
    }

    /// Takes a message: answers it if it is to be told now, nil if it is held back.
    package mutating func receive(_ message: Message, key: Key, now: ContinuousClock.Instant) -> Summary? {
        if self.entries[key] == nil { self.makeRoom(now: now) }
        let key = self.entries[key] == nil && self.entries.count >= self.capacity ? nil : key
        let heldBack = self.entries[key]?.heldBack
        let told = Summary(message: message, count: (heldBack?.count ?? 0) + 1)
        if let entry = self.entries[key], now < entry.quietUntil {
            self.entries[key] = Entry(quietUntil: entry.quietUntil, heldBack: told)
            return nil
        }
        self.entries[key] = Entry(quietUntil: now + self.interval, heldBack: nil)
        return told
    }

    /// What has been held back for as long as that may be; after it, the next interval begins.
    package mutating func due(now: ContinuousClock.Instant) -> [Summary] {
        var told: [Summary] = []
        for (key, entry) in self.entries where entry.quietUntil <= now {
            // Where nothing came in a whole interval, the next one is the first again.
            self.entries[key] = entry.heldBack.map { _ in Entry(quietUntil: now + self.interval, heldBack: nil) }
            if let heldBack = entry.heldBack { told.append(heldBack) }
        }
        return told
    }

    /// All that is held back, for the end.
    package mutating func rest() -> [Summary] {
        defer { self.entries = [:] }
        return self.entries.values.compactMap(\.heldBack)
    }

    private mutating func makeRoom(now: ContinuousClock.Instant) {
        guard self.entries.count >= self.capacity else { return }
        self.entries = self.entries.filter { $0.value.quietUntil > now || $0.value.heldBack != nil }
    }
}
