#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What the head of an HTTP/1.1 response says that the transport has to know (RFC 9112, sections 4 to 6).
struct HTTP1ResponseHead {
    /// How the end of the body is found (RFC 9112, section 6.3).
    enum Framing: Hashable {
        /// After so many bytes.
        case length(Int)
        /// By a chunk of no bytes.
        case chunked
        /// By the end of the connection.
        case connectionEnd
    }

    /// The status code, 100 to 599.
    var status = 0
    /// How the end of the body is found.
    var framing = Framing.connectionEnd
    /// Whether the connection may carry another request.
    var keepsAlive = true
    /// How long the connection may be idle and is used again: the server's time less a second, or half of it.
    var idleTime: Duration?
    /// The `WWW-Authenticate` fields.
    var authenticate: [String] = []
    /// The `Retry-After` field.
    var retryAfter: String?
    /// The `Date` field.
    var date: String?
    /// The `Content-Encoding` field.
    var contentEncoding: String?
}

/// What is wrong with the bytes of a response.
enum HTTP1Error: Error, Hashable {
    /// Bytes that are not the status line of HTTP/1.0 or 1.1.
    case statusLine
    /// A status code that no response has, or that no request asked for (101).
    case status
    /// A line that ends otherwise than with CR and LF, or a CR within a line.
    case lineEnd
    /// A field that goes on in the next line (RFC 9112, section 5.2).
    case foldedField
    /// A field without a name, or with a name that is no token.
    case fieldName
    /// A control character in a field.
    case fieldValue
    /// More than one `Content-Length`, or one that is no number.
    case contentLength
    /// A `Transfer-Encoding` other than `chunked` alone, or one beside a `Content-Length`.
    case transferEncoding
    /// A chunk without a size, or without its end.
    case chunk
    /// More interim responses than ``HTTP1ResponseReader/maximumInterimResponses``.
    case interimResponses
    /// A header section, or the trailers, over the limit.
    case headersTooLarge
    /// A body over the limit.
    case bodyTooLarge
    /// The connection ended before the response did.
    case truncated
}

extension HTTP1ResponseHead {
    /// The most fields that are taken.
    static let maximumFields = 200

    /// Reads the status line and the fields, up to and with the empty line.
    ///
    /// - Parameter bytes: The head and nothing behind it.
    init(parsing bytes: Span<UInt8>) throws(HTTP1Error) {
        var position = 0
        let isOldVersion = try readStatusLine(bytes.extracting(try HTTP1Text.nextLine(of: bytes, at: &position)))
        var fields = Fields()
        while true {
            let line = try HTTP1Text.nextLine(of: bytes, at: &position)
            if line.isEmpty { break }
            fields.count += 1
            guard fields.count <= Self.maximumFields else { throw .headersTooLarge }
            try readField(bytes.extracting(line), &fields)
        }
        guard !fields.isChunked || (fields.length == nil && !isOldVersion) else { throw .transferEncoding }
        keepsAlive = !fields.saysClose && (!isOldVersion || fields.saysKeepAlive)
        switch (status, fields.length) {
        case (100..<200, _), (204, _), (304, _):
            framing = .length(0)
            // A server that announces a body here may send one all the same.
            if status >= 200, fields.isChunked || fields.length ?? 0 > 0 { keepsAlive = false }
        case (_, let length?):
            framing = .length(length)
        default:
            framing = fields.isChunked ? .chunked : .connectionEnd
            if !fields.isChunked { keepsAlive = false }
        }
    }

    /// What the fields have said so far.
    private struct Fields {
        var count = 0
        var length: Int?
        var isChunked = false
        var saysClose = false
        var saysKeepAlive = false
    }

    /// Reads `HTTP/1.1 200 OK`; tells whether the version is 1.0.
    private mutating func readStatusLine(_ line: Span<UInt8>) throws(HTTP1Error) -> Bool {
        guard line.count >= 12, HTTP1Text.begins(line, with: "HTTP/1."), line[8] == 0x20 else { throw .statusLine }
        guard line[7] == UInt8(ascii: "1") || line[7] == UInt8(ascii: "0") else { throw .statusLine }
        guard let code = HTTP1Text.decimal(line.extracting(9..<12)) else { throw .statusLine }
        if line.count > 12 {
            guard line[12] == 0x20, HTTP1Text.isFieldContent(line.extracting(13..<line.count)) else {
                throw .statusLine
            }
        }
        guard 100..<600 ~= code, code != 101 else { throw .status }
        status = code
        return line[7] == UInt8(ascii: "0")
    }

    private mutating func readField(_ line: Span<UInt8>, _ fields: inout Fields) throws(HTTP1Error) {
        let parts = try Self.field(line)
        let name = line.extracting(parts.name)
        let value = line.extracting(parts.value)
        // Names that matter differ in length, but for two pairs.
        switch name.count {
        case 4 where HTTP1Text.matches(name, "date"):
            if date == nil { date = HTTP1Text.string(value) }
        case 10 where HTTP1Text.matches(name, "connection"):
            HTTP1Text.forEachElement(of: value) { element in
                if HTTP1Text.matches(element, "close") { fields.saysClose = true }
                if HTTP1Text.matches(element, "keep-alive") { fields.saysKeepAlive = true }
            }
        case 10 where HTTP1Text.matches(name, "keep-alive"):
            HTTP1Text.forEachElement(of: value) { element in
                if idleTime == nil { idleTime = Self.idleTime(element) }
            }
        case 11 where HTTP1Text.matches(name, "retry-after"):
            if retryAfter == nil { retryAfter = HTTP1Text.string(value) }
        case 14 where HTTP1Text.matches(name, "content-length"):
            guard fields.length == nil, let number = HTTP1Text.decimal(value) else { throw .contentLength }
            fields.length = number
        case 16 where HTTP1Text.matches(name, "content-encoding"):
            if contentEncoding == nil { contentEncoding = HTTP1Text.string(value) }
        case 16 where HTTP1Text.matches(name, "www-authenticate"):
            authenticate.append(HTTP1Text.string(value))
        case 17 where HTTP1Text.matches(name, "transfer-encoding"):
            guard !fields.isChunked, HTTP1Text.matches(value, "chunked") else { throw .transferEncoding }
            fields.isChunked = true
        default:
            break
        }
    }

    /// Splits a line into the name and the value of a field, without the blanks around the value.
    static func field(_ line: Span<UInt8>) throws(HTTP1Error) -> (name: Range<Int>, value: Range<Int>) {
        guard !HTTP1Text.isBlank(line[0]) else { throw .foldedField }
        var colon = 0
        while colon < line.count, HTTP1Text.isTokenCharacter(line[colon]) { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else { throw .fieldName }
        let value = HTTP1Text.withoutBlanks(line, colon + 1..<line.count)
        guard HTTP1Text.isFieldContent(line.extracting(value)) else {
            // A CR that no LF follows ends a line for some.
            throw HTTP1Text.contains(line.extracting(value), UInt8(ascii: "\r")) ? .lineEnd : .fieldValue
        }
        return (0..<colon, value)
    }

    /// The time that `timeout=5` leaves.
    private static func idleTime(_ element: Span<UInt8>) -> Duration? {
        let name: StaticString = "timeout="
        let length = name.utf8CodeUnitCount
        guard element.count > length, HTTP1Text.matches(element.extracting(0..<length), name),
            let seconds = HTTP1Text.decimal(element.extracting(length..<element.count)), seconds <= 3600
        else { return nil }
        return .milliseconds(max(seconds * 1000 - 1000, seconds * 500))
    }
}

/// The texts of HTTP fields (RFC 9110, section 5.6).
enum HTTP1Text {
    /// The line at `position`, without the CR and LF that end it; `position` moves behind them.
    static func nextLine(of bytes: Span<UInt8>, at position: inout Int) throws(HTTP1Error) -> Range<Int> {
        let start = position
        guard let end = firstLineFeed(in: bytes, from: start), end > start, bytes[end - 1] == UInt8(ascii: "\r") else {
            throw .lineEnd
        }
        position = end + 1
        return start..<end - 1
    }

    /// Where the first LF from `start` on is.
    static func firstLineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        // Sound: the bytes from `start` on are looked at, and no others.
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, CInt(UInt8(ascii: "\n")), buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    /// Whether a byte may stand in the name of a field.
    static func isTokenCharacter(_ byte: UInt8) -> Bool {
        let set: UInt64 = byte < 64 ? lowTokenCharacters : byte < 128 ? highTokenCharacters : 0
        return set >> UInt64(byte & 63) & 1 == 1
    }

    // Bit by bit: the marks that RFC 9110, section 5.6.2, names and digits; then letters and marks. Constants, not stored
    // properties, whose first use would have to be looked for with every byte.
    /// `!#$%&'*+-.0123456789`
    private static var lowTokenCharacters: UInt64 { 0x03FF_6CFA_0000_0000 }
    /// Letters, and the five marks among them.
    private static var highTokenCharacters: UInt64 { 0x57FF_FFFF_C7FF_FFFE }

    /// Whether a byte is a space or a tab.
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// The part of a range that is left without the blanks at its ends.
    static func withoutBlanks(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(bytes[start]) { start += 1 }
        while end > start, isBlank(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    /// Whether no byte is a control character other than a tab. Bytes from 0x80 on are tolerated.
    static func isFieldContent(_ bytes: Span<UInt8>) -> Bool {
        for position in bytes.indices {
            let byte = bytes[position]
            if byte == 0x7F || (byte < 0x20 && byte != 0x09) { return false }
        }
        return true
    }

    /// Whether one of the bytes is this.
    static func contains(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
        bytes.indices.contains { bytes[$0] == byte }
    }

    /// Whether the bytes are those of `text`, which is in lower case, but for the case of letters.
    static func matches(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for position in bytes.indices {
            let byte = bytes[position]
            let lowered = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
            // Sound: the text has as many bytes.
            guard unsafe lowered == text.utf8Start[position] else { return false }
        }
        return true
    }

    /// Whether the bytes begin with those of `text`, case and all.
    static func begins(_ bytes: Span<UInt8>, with text: StaticString) -> Bool {
        guard bytes.count >= text.utf8CodeUnitCount else { return false }
        for position in 0..<text.utf8CodeUnitCount {
            // Sound: the position is within the text.
            guard unsafe bytes[position] == text.utf8Start[position] else { return false }
        }
        return true
    }

    /// The bytes as text; what is no UTF-8 in them becomes U+FFFD.
    static func string(_ bytes: Span<UInt8>) -> String {
        // Sound: the buffer is only read, and only inside the closure.
        unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// A number of 1 to 18 decimal digits and nothing else.
    static func decimal(_ bytes: Span<UInt8>) -> Int? {
        guard 1...18 ~= bytes.count else { return nil }
        var number = 0
        for position in bytes.indices {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return number
    }

    /// Calls `body` with each element of a list that commas separate, without blanks around it.
    static func forEachElement(of list: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        var start = 0
        while start <= list.count {
            var end = start
            while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
            body(list.extracting(withoutBlanks(list, start..<end)))
            start = end + 1
        }
    }
}
