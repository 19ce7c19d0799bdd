import AgentProtocol

/// What one connection may ask of the daemon's memory and patience.
package struct ConnectionLimits: Sendable, Equatable {
    /// Calls that run at the same time.
    package var callsInFlight = ProtocolLimits.callsInFlight
    /// Calls that wait, in order, for one of those to end. One more is held back, and stops the reading.
    package var callsParked = ProtocolLimits.parkedCalls
    /// Calls beside those: `system.*`, and calls that ended before their turn and wait for their answer's text.
    /// When so many of them are unanswered the reading stops too, so that a flood of pings is bounded as well.
    package var callsExempt = 32
    /// From a line's first byte to its LF.
    package var lineCompletion = ProtocolLimits.lineTime
    /// From the connection's acceptance to its first line that is not empty.
    package var firstLine = ProtocolLimits.firstLineTime
    /// From the moment the daemon begins to stop to the first line of a connection that has had none.
    package var firstLineWhileDraining = Duration.milliseconds(250)
    /// How long one answer may wait in the daemon's memory for the peer to read.
    package var unreadAge = ProtocolLimits.unreadTime
    /// Bytes of answers that may wait in the daemon's memory.
    package var unreadBytes = ProtocolLimits.unreadBytesPerConnection
    /// While so many bytes of answers wait, nothing more is read: who reads no answers gets no further ones.
    package var unreadBytesWhileReading = 1 << 20
    /// Lines that are no requests and name no call that are answered at once.
    package var badLinesAtOnce = 256
    /// Beyond these, the reading pauses so that on the average there is one of them in this time.
    package var badLineInterval = Duration.milliseconds(10)
    /// When so many of them have come without a request between them, the connection closes.
    package var badLinesInARow = 1024

    /// The protocol's own limits.
    package init() {}
}
