package import Secrets

/// Writes `application/x-www-form-urlencoded` content (WHATWG URL standard, section 5.2) over bytes.
///
/// Letters, digits and `* - . _` stay, a space becomes `+`, all else is percent-encoded. Works on bytes throughout,
/// so that secrets pass through it without becoming a `String`.
package struct FormWriter: ~Copyable {
    private var bytes: [UInt8] = []

    /// An empty form.
    package init() {}

    /// Adds a field.
    package mutating func add(_ name: String, _ value: some Sequence<UInt8>) {
        begin(name)
        for byte in value { Self.append(byte, to: &bytes) }
    }

    /// Adds a field whose value is secret.
    package mutating func add(_ name: String, _ value: Secret) {
        begin(name)
        Self.append(value, to: &bytes)
    }

    /// Ends the form and hands it over; nothing of it stays behind.
    package consuming func finish() -> Secret { Secret(consuming: &bytes) }

    private mutating func begin(_ name: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        for byte in name.utf8 { Self.append(byte, to: &bytes) }
        bytes.append(UInt8(ascii: "="))
    }

    /// Appends the encoded bytes of a secret.
    static func append(_ secret: Secret, to bytes: inout [UInt8]) {
        secret.withBytes { span in
            for index in span.indices { append(span[index], to: &bytes) }
        }
    }

    /// Appends one encoded byte.
    static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: " "):
            bytes.append(UInt8(ascii: "+"))
        case UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            bytes.append(byte)
        case _ where byte.isASCIILetter || byte.isASCIIDigit:
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            bytes.append(PercentEncoding.upperHexDigit(byte >> 4))
            bytes.append(PercentEncoding.upperHexDigit(byte & 0xF))
        }
    }
}
