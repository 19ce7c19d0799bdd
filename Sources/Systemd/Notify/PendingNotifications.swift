/// What the service manager has yet to be told, in the order in which it is to hear it.
///
/// A later notification takes the place of an earlier one about the same topic, at the end of the line: what the manager
/// has heard last is how things are. So the line is only as long as there are topics, however long it is not read.
struct PendingNotifications: Sendable {
    private var waiting: [ServiceNotification] = []
    private let capacity: Int

    /// - Parameter capacity: How many notifications may wait, each about a topic of its own.
    init(capacity: Int) { self.capacity = capacity }

    /// Whether nothing waits.
    var isEmpty: Bool { self.waiting.isEmpty }

    /// Takes one in; false if there is no room for a further topic.
    mutating func add(_ notification: ServiceNotification) -> Bool {
        self.waiting.removeAll { $0.topic == notification.topic }
        guard self.waiting.count < self.capacity else { return false }
        self.waiting.append(notification)
        return true
    }

    /// Takes out the next one to be sent.
    mutating func next() -> ServiceNotification? {
        self.waiting.isEmpty ? nil : self.waiting.removeFirst()
    }
}
