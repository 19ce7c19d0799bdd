internal import Glibc

/// Something to tell the service manager: one message or several that belong together (sd_notify(3)).
package struct ServiceNotification: Sendable {
    /// What a notification is about. Of two about the same topic, the later one makes the earlier one pointless.
    package enum Topic: Hashable, Sendable {
        case ready, reloading, stopping, status, watchdog, timeout
        /// What the manager keeps under a name.
        case kept(name: String)
    }

    /// One datagram: its text, and the descriptor that goes with it.
    struct Message: Sendable {
        var text: String
        var descriptor: SharedDescriptor?
    }

    /// What it is about.
    let topic: Topic
    /// What is sent, in this order and with nothing in between.
    let messages: [Message]
    /// Told when the manager's socket does not take it.
    var onFailure: @Sendable (SystemCallError) -> Void = { _ in }

    /// A notification of one message.
    init(_ topic: Topic, _ text: String) {
        self.topic = topic
        self.messages = [Message(text: text)]
    }

    /// Has the manager keep this and nothing else under a name; nil to keep nothing.
    ///
    /// The manager adds to what it keeps under a name, so that has to go first.
    init(keeping descriptor: SharedDescriptor?, as name: String) {
        let name = (topic: Topic.kept(name: name), line: "FDNAME=\(name)")
        var messages = [Message(text: "FDSTOREREMOVE=1\n\(name.line)")]
        if let descriptor { messages.append(Message(text: "FDSTORE=1\n\(name.line)", descriptor: descriptor)) }
        self.topic = name.topic
        self.messages = messages
    }
}

/// A descriptor that is closed when it is needed no more.
package final class SharedDescriptor: Sendable {
    /// The descriptor.
    let number: CInt

    /// Takes `number` over.
    init(_ number: CInt) { self.number = number }

    deinit { close(self.number) }
}
