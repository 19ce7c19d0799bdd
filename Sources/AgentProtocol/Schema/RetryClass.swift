/// What it means to send a call a second time.
public enum RetryClass: Hashable, Sendable {
    /// The agent answers alone; nothing goes upstream.
    case local
    /// The call only reads upstream and can be repeated without harm.
    case read
    /// The call changes something, and a second one changes nothing more: it can be repeated without harm.
    case idempotent
    /// The call has an effect upstream (a counted attempt, a message sent, a change): repeat only what was not sent.
    case effect

    /// Whether a call that may have been carried out can be sent again without harm.
    var isRepeatable: Bool { self == .read || self == .idempotent }
}

/// Whether a failed call can have had an effect upstream.
public enum Outcome: String, Hashable, Sendable {
    /// Provably nothing was sent.
    case notSent = "not_sent"
    /// Mosaic answered that it does not do it, and did nothing.
    case refused
    /// It was sent, or may have been, and what came of it is not known. Names that this version does not know mean this.
    case unknown

    /// The outcome of that name on the wire.
    init(name: String) { self = Outcome(rawValue: name) ?? .unknown }

    /// Whether the call certainly had no effect, so that sending it again cannot have a second one.
    var excludesEffect: Bool { self != .unknown }
}

/// Which of the agent's sockets a method is served on.
public enum SocketKind: String, Hashable, Sendable, CaseIterable {
    /// The socket of the applications.
    case main
    /// The administrator's socket.
    case control
}
