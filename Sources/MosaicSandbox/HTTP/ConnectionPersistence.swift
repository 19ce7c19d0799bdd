/// Whether a connection goes on after an answer (RFC 9112, section 9.3), and what the answer has to say about it.
///
/// A plain value, told of each event in order. Requests are answered in the order in which they came; what follows a request after
/// which the connection ends is not taken.
package struct ConnectionPersistence: Sendable, Equatable {
    /// What `Connection` of an answer says.
    package enum Announcement: Sendable, Equatable {
        /// Nothing: both sides take HTTP/1.1 connections to go on.
        case none
        /// `keep-alive`, which a client of HTTP/1.0 that asked for it waits for.
        case keepAlive
        /// `close`: this is the last answer. A client that is not told would send its next request into a closed connection.
        case close
    }

    private struct Expected: Sendable, Equatable {
        var announcement: Announcement
        var isHTTP10: Bool
    }

    /// A new connection.
    package init() {}

    /// The requests that have no whole answer yet, oldest first.
    private var expected: [Expected] = []
    private var isStopping = false
    private var isLast = false

    /// Whether further requests are taken.
    package var takesRequests: Bool { !isLast }

    /// A request's head arrived.
    ///
    /// - Parameters:
    ///   - isKeepAlive: what its version and its `Connection` field, read as a list of tokens, amount to.
    ///   - isHTTP10: whether it speaks HTTP/1.0.
    package mutating func requestBegins(isKeepAlive: Bool, isHTTP10: Bool) {
        let announcement: Announcement = !isKeepAlive ? .close : isHTTP10 ? .keepAlive : .none
        expected.append(Expected(announcement: announcement, isHTTP10: isHTTP10))
        if announcement == .close { isLast = true }
    }

    /// The server is stopping: answers that have not begun are the last ones of their connections.
    package mutating func stop() {
        isStopping = true
        isLast = true
    }

    /// An answer begins.
    ///
    /// - Parameter isDelimited: whether its length shows without the end of the connection, for a client of HTTP/1.0 too, which
    ///   knows no chunks.
    /// - Returns: what it has to say, and whether it must do without chunks.
    package mutating func answerBegins(isDelimited: Bool) -> (announcement: Announcement, needsEnd: Bool) {
        guard var first = expected.first else { return (isStopping ? .close : .none, false) }
        let needsEnd = first.isHTTP10 && !isDelimited
        if needsEnd || isStopping && expected.count == 1 {
            first.announcement = .close
            isLast = true
            expected[0] = first
        }
        return (first.announcement, needsEnd)
    }

    /// An answer is complete; tells whether the connection ends with it.
    package mutating func answerEnds() -> Bool {
        guard !expected.isEmpty else { return isLast }
        return expected.removeFirst().announcement == .close
    }
}
