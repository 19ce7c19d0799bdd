public import Secrets

/// Writes JSON into one growing buffer, without white space, on one line.
///
/// It sets commas and colons itself and trusts the caller to nest properly: a key before each member, every begin
/// with its end.
public struct JSONWriter: Sendable {
    /// What has been written so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false
    /// Whether the text has more lines than one.
    private(set) var hasEndedLine = false

    /// An empty writer with room for `capacity` bytes.
    public init(capacity: Int = 256) { bytes.reserveCapacity(capacity) }

    /// Opens an object.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes the key of the next member.
    public mutating func key(_ key: String) {
        let text = key.utf8Span.span
        let isFirst = !needsComma
        needsComma = false
        guard PlainText.standsForItself(text) else {
            if !isFirst { put(UInt8(ascii: ",")) }
            appendEscaping(text)
            return put(UInt8(ascii: ":"))
        }
        makeRoom(for: text.count + 4)
        bytes.append(addingCapacity: text.count + 4) { output in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            output.append(copying: text)
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
    }

    /// Writes a string.
    public mutating func string(_ value: String) {
        appendQuoted(value.utf8Span.span)
    }

    /// Writes a string given as UTF-8, which must be valid.
    public mutating func string(utf8 value: [UInt8]) {
        appendQuoted(value.span)
    }

    /// Writes a secret as a string; its bytes must be valid UTF-8 (see `Secret.isUTF8`), or the text will not be.
    public mutating func secret(_ value: Secret) {
        let standsForItself = value.standsForItself
        value.withBytes { bytes in appendQuoted(bytes, standsForItself: standsForItself) }
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int) {
        separate()
        if value < 0 { put(UInt8(ascii: "-")) }
        putDigits(of: value.magnitude)
        needsComma = true
    }

    /// Writes an integer of any type.
    public mutating func integer(_ value: some BinaryInteger) {
        if let value = Int(exactly: value) { return integer(value) }
        separate()
        put(contentsOf: String(value).utf8)
        needsComma = true
    }

    /// Writes a finite number in its shortest form.
    public mutating func number(_ value: Double) {
        precondition(value.isFinite, "JSON has no text for infinities and NaN")
        separate()
        put(contentsOf: value.description.utf8)
        needsComma = true
    }

    /// Writes `true` or `false`.
    public mutating func boolean(_ value: Bool) {
        separate()
        put(contentsOf: (value ? "true" : "false").utf8)
        needsComma = true
    }

    /// Writes `null`.
    public mutating func null() {
        separate()
        put(contentsOf: "null".utf8)
        needsComma = true
    }

    /// Writes a value that is text already; its line breaks, which can only be insignificant white space, become spaces.
    public mutating func raw(_ value: JSONText) {
        separate()
        makeRoom(for: value.bytes.count)
        if value.isOneLine {
            bytes.append(contentsOf: value.bytes)
        } else {
            for byte in value.bytes { bytes.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
        }
        needsComma = true
    }

    /// Ends the line with LF, after which another value may begin.
    public mutating func endLine() {
        put(0x0A)
        hasEndedLine = true
        needsComma = false
    }

    /// Hands over what has been written as a secret, overwrites this copy and leaves an empty writer.
    ///
    /// Buffers that the text has outgrown were overwritten when they were left.
    public mutating func takeSecret() -> Secret {
        needsComma = false
        return Secret(consuming: &bytes)
    }

    private mutating func putDigits(of value: UInt) {
        var divisor: UInt = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    private mutating func put(_ byte: UInt8) {
        makeRoom(for: 1)
        bytes.append(byte)
    }

    private mutating func put(contentsOf more: some Collection<UInt8>) {
        makeRoom(for: more.count)
        bytes.append(contentsOf: more)
    }

    /// Moves to a larger buffer where `count` more bytes do not fit, and overwrites the smaller one: the text may hold
    /// secrets.
    private mutating func makeRoom(for count: Int) {
        guard bytes.count + count > bytes.capacity else { return }
        var larger: [UInt8] = []
        larger.reserveCapacity(max(bytes.count + count, 2 * bytes.capacity))
        larger.append(contentsOf: bytes)
        bytes.wipe()
        bytes = larger
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        put(bracket)
    }

    private mutating func close(_ bracket: UInt8) {
        put(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
        needsComma = false
    }

    /// Writes a string, behind a comma where there has to be one.
    ///
    /// - Parameter standsForItself: whether it is known to need no escape.
    private mutating func appendQuoted(_ text: Span<UInt8>, standsForItself: Bool = false) {
        let isFirst = !needsComma
        needsComma = true
        guard standsForItself || PlainText.standsForItself(text) else {
            if !isFirst { put(UInt8(ascii: ",")) }
            return appendEscaping(text)
        }
        // Room for a brace behind it as well.
        makeRoom(for: text.count + 4)
        bytes.append(addingCapacity: text.count + 3) { output in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            output.append(copying: text)
            output.append(UInt8(ascii: "\""))
        }
    }

    /// Appends a text in quotation marks, with escapes.
    private mutating func appendEscaping(_ text: Span<UInt8>) {
        // Most of it stands for itself, so most texts fit in this.
        makeRoom(for: text.count + 8)
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        while true {
            // Sound: the buffer is only read, and only inside the closure.
            let end = unsafe text.withUnsafeBytes { unsafe PlainText.endOfUnescaped(in: $0, from: start) }
            appendRun(text.extracting(start..<end))
            guard end < text.count else { break }
            appendEscape(text[end])
            start = end + 1
        }
        put(UInt8(ascii: "\""))
    }

    /// Appends bytes that need no escape, all at once: tokens are long and have none.
    private mutating func appendRun(_ run: Span<UInt8>) {
        // Sound: the buffer is only read, and only inside the closure.
        unsafe run.withUnsafeBufferPointer { buffer in unsafe put(contentsOf: buffer) }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        default:
            put(contentsOf: "u00".utf8)
            put(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            let low = byte & 0x0F
            put(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
