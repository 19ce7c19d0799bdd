import AgentProtocol
import NIOCore
import Secrets

/// What a connection has read and not yet handled. It may hold passwords: whatever is used up or dropped is overwritten.
struct ConnectionInput {
    private var framer: LineFramer
    private var buffer = ByteBuffer()
    /// What was read while `buffer` was not used up; bounded by the kernel's socket buffer, because NIO reads on at the
    /// peer's end of file only.
    private var more: [ByteBuffer] = []

    /// Whether the peer will send no more.
    var isEnded = false
    /// How many bytes were cut into lines since the beginning.
    private(set) var usedBytes = 0

    /// The input of a new connection.
    init(maximumLineBytes: Int) {
        framer = LineFramer(maximumLineBytes: maximumLineBytes)
    }

    /// Whether there are bytes that were not cut into lines yet.
    var hasUnreadBytes: Bool { buffer.readableBytes > 0 || !more.isEmpty }

    /// Whether a line has begun and not ended.
    var hasPartialLine: Bool { framer.hasPartialLine }

    /// Takes what was read.
    mutating func append(_ chunk: consuming ByteBuffer) {
        if hasUnreadBytes {
            more.append(chunk)
        } else {
            buffer = chunk
        }
    }

    /// The next line, or what is wrong with it; nil when no more is complete.
    mutating func next() -> LineFramer.Event? {
        while true {
            var position = 0
            let event = Self.next(&framer, buffer, &position)
            Self.wipe(buffer, first: position)
            buffer.moveReaderIndex(forwardBy: position)
            usedBytes += position
            if event != nil || more.isEmpty { return event }
            buffer = more.removeFirst()
        }
    }

    /// A function of its own because a span of `buffer` is an access to all of `self` for as long as it lives.
    private static func next(
        _ framer: inout LineFramer,
        _ buffer: ByteBuffer,
        _ position: inout Int
    ) -> LineFramer.Event? {
        framer.next(in: buffer.readableBytesUInt8Span, at: &position)
    }

    /// Ends the stream; answers its last line if that is not complete. The receiver overwrites it.
    mutating func finish() -> [UInt8]? {
        let line = framer.finishTakingPartialLine()
        return line.isEmpty ? nil : line
    }

    /// Lets go of the memory, and of what is in it.
    mutating func release() {
        Self.wipe(buffer, first: buffer.readableBytes)
        for chunk in more { Self.wipe(chunk, first: chunk.readableBytes) }
        buffer = ByteBuffer()
        more = []
    }

    /// Lets go of everything: nothing will be read any more.
    mutating func abandon() {
        framer.abandon()
        release()
    }

    /// Overwrites the first bytes of a buffer that is not read again.
    ///
    /// Not through the buffer's own writing, which would write to a copy: the channel keeps the same memory, to read into
    /// it once it is let go here.
    private static func wipe(_ buffer: ByteBuffer, first count: Int) {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            // Sound: the memory is the heap's, within its bounds, and only this event loop has it.
            unsafe wipeMemory(
                UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            )
        }
    }
}
