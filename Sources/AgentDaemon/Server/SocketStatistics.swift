import Synchronization

/// What the sockets have seen since the start, for `daemon.status`.
package struct SocketStatistics: Sendable, Equatable {
    /// Connections open now.
    package var connections = 0
    /// Calls read and not answered yet, parked ones among them.
    package var callsInFlight = 0
    /// Connections that were let in.
    package var connectionsAccepted = 0
    /// Connections turned away over a cap.
    package var connectionsRefused = 0
    /// Connections turned away because their peer may not use the control socket.
    package var connectionsForbidden = 0
    /// Connections we closed because their peer was too slow to send or to read, or sent too long a line.
    package var connectionsBroken = 0
    /// Well-formed requests read.
    package var callsReceived = 0
    /// Answers to calls that could not be written in full.
    package var answersUndelivered = 0
    /// Lines that were no well-formed request.
    package var linesRefused = 0
    /// Times that accepting paused because the process or the system was out of file descriptors.
    package var acceptPauses = 0

    /// All zero.
    package init() {}
}

/// The counters behind ``SocketStatistics``; every event loop adds to them without waiting for another.
final class SocketCounters: Sendable {
    let callsInFlight = Atomic<Int>(0)
    let connectionsAccepted = Atomic<Int>(0)
    let connectionsRefused = Atomic<Int>(0)
    let connectionsForbidden = Atomic<Int>(0)
    let connectionsBroken = Atomic<Int>(0)
    let callsReceived = Atomic<Int>(0)
    let answersUndelivered = Atomic<Int>(0)
    let linesRefused = Atomic<Int>(0)
    let acceptPauses = Atomic<Int>(0)

    /// The counts now; not a consistent cut, as each is read on its own.
    func statistics(connections: Int) -> SocketStatistics {
        var statistics = SocketStatistics()
        statistics.connections = connections
        statistics.callsInFlight = callsInFlight.load(ordering: .relaxed)
        statistics.connectionsAccepted = connectionsAccepted.load(ordering: .relaxed)
        statistics.connectionsRefused = connectionsRefused.load(ordering: .relaxed)
        statistics.connectionsForbidden = connectionsForbidden.load(ordering: .relaxed)
        statistics.connectionsBroken = connectionsBroken.load(ordering: .relaxed)
        statistics.callsReceived = callsReceived.load(ordering: .relaxed)
        statistics.answersUndelivered = answersUndelivered.load(ordering: .relaxed)
        statistics.linesRefused = linesRefused.load(ordering: .relaxed)
        statistics.acceptPauses = acceptPauses.load(ordering: .relaxed)
        return statistics
    }
}

extension Atomic where Value == Int {
    /// Adds one.
    borrowing func increment() {
        wrappingAdd(1, ordering: .relaxed)
    }

    /// Takes one away.
    borrowing func decrement() {
        wrappingSubtract(1, ordering: .relaxed)
    }
}
