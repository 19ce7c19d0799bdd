import Secrets

/// Cuts a stream of bytes into lines by the rules of the protocol; pure, without I/O and timers.
///
/// LF ends a line, one CR before it is dropped and not counted, empty lines are skipped. Only an incomplete line is kept
/// between calls, so a caller that stops asking keeps the rest of its bytes itself. Lines may hold passwords: every copy that
/// the framer does not hand over is overwritten; a line is overwritten by its receiver.
public struct LineFramer: Sendable {
    /// What the bytes amount to.
    public enum Event: Hashable, Sendable {
        /// A complete line without its line end; not empty.
        case line([UInt8])
        /// A line is longer than allowed. Reported as soon as it is certain; nothing is read behind it.
        case tooLong
        /// The stream ended in the middle of a line.
        case unterminated
    }

    /// The most bytes in a line without LF and CR.
    public let maximumLineBytes: Int
    private var partial: [UInt8] = []
    private var isClosed = false

    /// A framer at the beginning of a stream.
    public init(maximumLineBytes: Int = ProtocolLimits.defaultLineBytes) { self.maximumLineBytes = maximumLineBytes }

    /// Whether a line has begun and not ended: the line timer runs as long as this is true.
    public var hasPartialLine: Bool { !partial.isEmpty }

    /// The next event in `chunk` from `position` on, which moves behind what was used.
    ///
    /// Call it until it answers nil; then all of the chunk has been used.
    public mutating func next(in chunk: Span<UInt8>, at position: inout Int) -> Event? {
        while position < chunk.count, !isClosed {
            let lineFeed = firstLineFeed(in: chunk, from: position)
            let end = lineFeed ?? chunk.count
            // The last byte may be the CR that does not count, hence one more than the limit is kept at most.
            guard partial.count + (end - position) <= maximumLineBytes + 1 else { return close(&position, chunk) }
            appendBytes(of: chunk, from: position, to: end)
            position = end
            guard lineFeed != nil else {
                let isTooLong = partial.count > maximumLineBytes && partial.last != UInt8(ascii: "\r")
                return isTooLong ? close(&position, chunk) : nil
            }
            position += 1
            if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
            if partial.isEmpty { continue }
            guard partial.count <= maximumLineBytes else { return close(&position, chunk) }
            let line = partial
            partial = []
            return .line(line)
        }
        position = chunk.count
        return nil
    }

    /// All events in `bytes`.
    public mutating func events(in bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        var position = 0
        while let event = next(in: bytes.span, at: &position) { events.append(event) }
        return events
    }

    /// Ends the stream; answers ``Event/unterminated`` when a line had begun.
    public mutating func finish() -> Event? {
        let hadBegun = hasPartialLine
        abandon()
        return hadBegun ? .unterminated : nil
    }

    /// Ends the stream and hands over the line that had begun, empty if none had; it is overwritten by its receiver.
    public mutating func finishTakingPartialLine() -> [UInt8] {
        let line = partial
        partial = []
        isClosed = true
        return line
    }

    /// Ends the stream; an incomplete line is overwritten and forgotten.
    public mutating func abandon() {
        isClosed = true
        partial.wipe()
        partial = []
    }

    private mutating func close(_ position: inout Int, _ chunk: Span<UInt8>) -> Event {
        position = chunk.count
        abandon()
        return .tooLong
    }

    private mutating func appendBytes(of chunk: Span<UInt8>, from start: Int, to end: Int) {
        let count = partial.count + (end - start)
        let part = chunk.extracting(start..<end)
        if partial.isEmpty {
            // Sound: the buffer is only read, and only inside the closure.
            partial = unsafe part.withUnsafeBufferPointer { unsafe Array($0) }
            return
        }
        if count > partial.capacity {
            var larger: [UInt8] = []
            larger.reserveCapacity(max(count, min(2 * partial.capacity, maximumLineBytes + 1)))
            larger.append(contentsOf: partial)
            partial.wipe()
            partial = larger
        }
        // Sound: as above.
        unsafe part.withUnsafeBufferPointer { unsafe partial.append(contentsOf: $0) }
    }
}
