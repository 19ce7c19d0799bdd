import AgentProtocol
import NIOCore

/// What a connection has read and not yet handled.
struct ConnectionInput {
    private var framer: LineFramer
    /// More than one chunk only while the reading is stopped, and then bounded by the kernel's socket buffer, because NIO
    /// reads on at the peer's end of file only.
    private var buffer = ByteBuffer()

    /// Whether the peer will send no more.
    var isEnded = false

    /// The input of a new connection.
    init(maximumLineBytes: Int) {
        framer = LineFramer(maximumLineBytes: maximumLineBytes)
    }

    /// Whether there are bytes that were not cut into lines yet.
    var hasUnreadBytes: Bool { buffer.readableBytes > 0 }

    /// Whether a line has begun and not ended.
    var hasPartialLine: Bool { framer.hasPartialLine }

    /// Takes what was read.
    mutating func append(_ chunk: consuming ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = chunk
        } else {
            buffer.writeBuffer(&chunk)
        }
    }

    /// The next line, or what is wrong with it; nil when no more is complete.
    mutating func next() -> LineFramer.Event? {
        var position = 0
        let event = Self.next(&framer, buffer, &position)
        buffer.moveReaderIndex(forwardBy: position)
        return event
    }

    /// A function of its own because a span of `buffer` is an access to all of `self` for as long as it lives.
    private static func next(
        _ framer: inout LineFramer,
        _ buffer: ByteBuffer,
        _ position: inout Int
    ) -> LineFramer.Event? {
        framer.next(in: buffer.readableBytesUInt8Span, at: &position)
    }

    /// Ends the stream; true if its last line is not complete.
    mutating func finish() -> Bool { framer.finish() != nil }

    /// Lets go of the memory, and of what is in it.
    mutating func release() { buffer = ByteBuffer() }
}
