import NIOCore

/// Reads the bytes of one HTTP/1.1 response (RFC 9112) as strictly as a client may, so that client and server never differ
/// over where it ends. A value without I/O.
struct HTTP1ResponseReader {
    /// What is taken.
    struct Limits: Sendable {
        /// Bytes of the header sections, those of interim responses and the trailers among them.
        var headerBytes: Int
        /// Bytes of the body.
        var bodyBytes: Int
    }

    /// A whole response.
    struct Complete {
        /// The response.
        let response: UpstreamResponse
        /// Whether the connection may carry another request.
        let keepsAlive: Bool
        /// How long the connection may be idle and is used again, where the server says so.
        let idleTime: Duration?
    }

    private enum State {
        case head
        case body(remaining: Int)
        case connectionEnd
        case chunkSize
        case chunkData(remaining: Int)
        case chunkEnd
        case trailers
    }

    /// The most interim (1xx) responses before the final one.
    static let maximumInterimResponses = 8
    /// The longest line with the size of a chunk and its extensions.
    static let maximumChunkLine = 256
    /// A body is given room for no more than this before its bytes are there.
    private static let maximumReserve = 64 << 10

    private let limits: Limits
    private var state = State.head
    private var head = HTTP1ResponseHead()
    private var body: [UInt8] = []
    /// The beginning of a head or a line that is not whole yet.
    private var pending: [UInt8] = []
    private var headerBytes = 0
    private var interimResponses = 0

    /// A reader of a response of which nothing has come.
    init(limits: Limits) {
        self.limits = limits
    }

    /// Takes bytes off the buffer; what lies behind the response stays in it.
    ///
    /// - Returns: The response once it is whole; nothing may be read afterwards.
    mutating func read(_ buffer: inout ByteBuffer) throws(HTTP1Error) -> Complete? {
        while true {
            switch state {
            case .head:
                guard try readHead(&buffer) else { return nil }
                if case .body(remaining: 0) = state { return complete() }
            case .body(let remaining):
                let count = take(upTo: remaining, from: &buffer)
                guard count < remaining else { return complete() }
                state = .body(remaining: remaining - count)
                return nil
            case .connectionEnd:
                guard buffer.readableBytes <= limits.bodyBytes - body.count else { throw .bodyTooLarge }
                _ = take(upTo: buffer.readableBytes, from: &buffer)
                return nil
            case .chunkSize:
                guard let line = try readLine(&buffer, limit: Self.maximumChunkLine) else { return nil }
                let (size, extensionBytes) = try Self.chunkSize(line)
                // They count as fields do: else a body of small chunks could come with many times its size of them.
                headerBytes += extensionBytes
                guard headerBytes <= limits.headerBytes else { throw .headersTooLarge }
                guard size <= limits.bodyBytes - body.count else { throw .bodyTooLarge }
                state = size == 0 ? .trailers : .chunkData(remaining: size)
            case .chunkData(let remaining):
                let count = take(upTo: remaining, from: &buffer)
                state = count < remaining ? .chunkData(remaining: remaining - count) : .chunkEnd
                if count < remaining { return nil }
            case .chunkEnd:
                guard let line = try readLine(&buffer, limit: 0) else { return nil }
                guard line.isEmpty else { throw .chunk }
                state = .chunkSize
            case .trailers:
                guard let line = try readLine(&buffer, limit: limits.headerBytes) else { return nil }
                headerBytes += line.count + 2
                guard headerBytes <= limits.headerBytes else { throw .headersTooLarge }
                if line.isEmpty { return complete() }
                _ = try HTTP1ResponseHead.field(line.span)
            }
        }
    }

    /// The peer has closed its side in an orderly way.
    ///
    /// - Returns: The response, if its body ends with the connection.
    mutating func readEnd() throws(HTTP1Error) -> Complete {
        guard case .connectionEnd = state else { throw .truncated }
        return complete()
    }

    private mutating func complete() -> Complete {
        Complete(
            response: UpstreamResponse(
                status: head.status,
                authenticate: head.authenticate,
                retryAfter: head.retryAfter,
                date: head.date,
                contentEncoding: head.contentEncoding,
                body: body
            ),
            keepsAlive: head.keepsAlive,
            idleTime: head.idleTime
        )
    }

    // MARK: Head

    /// Reads a head, if it is whole; false if it is not.
    private mutating func readHead(_ buffer: inout ByteBuffer) throws(HTTP1Error) -> Bool {
        let allowed = limits.headerBytes - headerBytes
        let known = pending.count
        let parsed: (head: HTTP1ResponseHead, count: Int)?
        if known == 0 {
            // As nearly always, the whole head is there.
            parsed = try Self.head(in: buffer.readableBytesUInt8Span, searchFrom: 0, allowed: allowed)
        } else {
            pending.append(contentsOf: buffer.readableBytesView)
            parsed = try Self.head(in: pending.span, searchFrom: max(0, known - 3), allowed: allowed)
        }
        guard let (head, count) = parsed else {
            if known == 0 { pending = Array(buffer.readableBytesView) }
            buffer.moveReaderIndex(forwardBy: buffer.readableBytes)
            return false
        }
        buffer.moveReaderIndex(forwardBy: count - known)
        if known > 0 { pending = [] }
        return try begin(head, count: count)
    }

    /// The head that `bytes` begin with and its length; nil if it is not whole.
    private static func head(
        in bytes: Span<UInt8>,
        searchFrom start: Int,
        allowed: Int
    ) throws(HTTP1Error) -> (head: HTTP1ResponseHead, count: Int)? {
        guard let end = endOfHead(in: bytes, from: start) else {
            if bytes.count > allowed { throw .headersTooLarge }
            return nil
        }
        guard end <= allowed else { throw .headersTooLarge }
        return (try HTTP1ResponseHead(parsing: bytes.extracting(0..<end)), end)
    }

    /// Where the first empty line ends. One that a bare LF ends counts too, so that it is refused at once and not waited out.
    private static func endOfHead(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        while let lineFeed = HTTP1Text.firstLineFeed(in: bytes, from: position) {
            let next = lineFeed + 1
            if next < bytes.count, bytes[next] == UInt8(ascii: "\n") { return next + 1 }
            if next + 1 < bytes.count, bytes[next] == UInt8(ascii: "\r"), bytes[next + 1] == UInt8(ascii: "\n") {
                return next + 2
            }
            position = next
        }
        return nil
    }

    private mutating func begin(_ head: HTTP1ResponseHead, count: Int) throws(HTTP1Error) -> Bool {
        headerBytes += count
        guard head.status >= 200 else {
            interimResponses += 1
            guard interimResponses <= Self.maximumInterimResponses else { throw .interimResponses }
            // The final response follows; its head is looked for in the same loop.
            state = .head
            return true
        }
        self.head = head
        switch head.framing {
        case .length(let length):
            guard length <= limits.bodyBytes else { throw .bodyTooLarge }
            body.reserveCapacity(min(length, Self.maximumReserve))
            state = .body(remaining: length)
        case .chunked:
            state = .chunkSize
        case .connectionEnd:
            state = .connectionEnd
        }
        return true
    }

    // MARK: Body

    private mutating func take(upTo limit: Int, from buffer: inout ByteBuffer) -> Int {
        let count = min(limit, buffer.readableBytes)
        guard count > 0 else { return 0 }
        // Sound: the buffer is only read, and only inside the closure.
        unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe body.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        buffer.moveReaderIndex(forwardBy: count)
        return count
    }

    /// The next line without its end; nil if it is not whole.
    private mutating func readLine(_ buffer: inout ByteBuffer, limit: Int) throws(HTTP1Error) -> [UInt8]? {
        while let byte = buffer.readInteger(as: UInt8.self) {
            if pending.last == UInt8(ascii: "\r") {
                guard byte == UInt8(ascii: "\n") else { throw .lineEnd }
                defer { pending = [] }
                return Array(pending.dropLast())
            }
            guard byte != UInt8(ascii: "\n") else { throw .lineEnd }
            guard pending.count < limit || byte == UInt8(ascii: "\r") else {
                throw limit == 0 ? .chunk : .headersTooLarge
            }
            pending.append(byte)
        }
        return nil
    }

    /// The size that a chunk's line begins with (RFC 9112, section 7.1), and how many bytes of extensions are passed over.
    private static func chunkSize(_ line: [UInt8]) throws(HTTP1Error) -> (size: Int, extensionBytes: Int) {
        var size = 0
        var digits = 0
        for byte in line {
            guard let digit = hexDigit(byte) else { break }
            digits += 1
            guard digits <= 15 else { throw .chunk }
            size = size << 4 | digit
        }
        guard digits > 0 else { throw .chunk }
        let rest = line.dropFirst(digits).drop { HTTP1Text.isBlank($0) }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";"), HTTP1Text.isFieldContent(line.span) else { throw .chunk }
        // Blanks may stand before an extension, but not for their own sake.
        guard !rest.isEmpty || digits == line.count else { throw .chunk }
        return (size, line.count - digits)
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
