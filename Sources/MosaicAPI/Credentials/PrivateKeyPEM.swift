import Secrets

/// Takes a private key out of its PEM form (RFC 7468, section 10) without a `String` in between.
enum PrivateKeyPEM {
    /// What a key is for.
    enum Algorithm: Sendable {
        case rsa
        case p256
        case p384
    }

    /// The DER within the only block, to be overwritten by the caller.
    ///
    /// Text before and behind the block says nothing (RFC 7468, section 2): `openssl pkcs12` writes `Bag Attributes` there.
    /// Blanks at the ends of lines and a byte order mark are passed over.
    static func decode(_ pem: Secret) throws(PrivateKeyError) -> [UInt8] {
        var text = pem.withBytes { span in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(span.count)
            for index in span.indices { bytes.append(span[index]) }
            return bytes
        }
        defer { text.wipe() }
        guard !text.contains(0) else { throw .notText }
        let content = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text[3...] : text[...]
        let lines = content.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map(trimmed)
        let begins = lines.indices.filter { lines[$0].starts(with: "-----BEGIN ".utf8) }
        guard let begin = begins.first(where: { isKey(lines[$0]) }) else { throw .notPEM }
        try check(label: lines[begin])
        guard begins.count == 1 else { throw .notAlone }
        guard let end = lines.firstIndex(where: { $0.starts(with: "-----END ".utf8) }) else { throw .damaged }
        guard end > begin, lines[end].elementsEqual("-----END PRIVATE KEY-----".utf8) else { throw .damaged }
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count)
        defer { digits.wipe() }
        for line in lines[(begin + 1)..<end] { digits += line }
        let padding = digits.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard digits.count % 4 == 0, padding <= 2 else { throw .damaged }
        let der = Base64.decodeURL(
            digits.dropLast(padding).lazy.map { (byte: UInt8) -> UInt8 in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                // The URL alphabet's own characters are not those of PEM.
                case UInt8(ascii: "-"), UInt8(ascii: "_"): 0
                default: byte
                }
            }
        )
        guard let der, !der.isEmpty else { throw .damaged }
        return der
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var line = line.drop(while: isBlank)
        while line.last.map(isBlank) ?? false { line.removeLast() }
        return line
    }

    /// Whether a BEGIN line is that of a private key, of whatever form; the parameters of one stand in a block before it.
    private static func isKey(_ line: ArraySlice<UInt8>) -> Bool {
        line.reversed().starts(with: "PRIVATE KEY-----".utf8.reversed())
            || line.elementsEqual("-----BEGIN EC PARAMETERS-----".utf8)
    }

    private static func check(label line: ArraySlice<UInt8>) throws(PrivateKeyError) {
        func isLabel(_ label: String) -> Bool { line.elementsEqual("-----BEGIN \(label)-----".utf8) }
        if isLabel("PRIVATE KEY") { return }
        if isLabel("ENCRYPTED PRIVATE KEY") { throw .encrypted }
        if isLabel("RSA PRIVATE KEY") || isLabel("EC PRIVATE KEY") || isLabel("EC PARAMETERS") { throw .olderForm }
        if isLabel("OPENSSH PRIVATE KEY") { throw .openSSH }
        throw .notPEM
    }

    /// What the object identifiers at the beginning of a PKCS#8 key say; nil for anything else.
    static func algorithm(of der: [UInt8]) -> Algorithm? {
        let beginning = der.prefix(48)
        if contains(rsaEncryption, in: beginning) { return .rsa }
        guard contains(ecPublicKey, in: beginning) else { return nil }
        if contains(prime256v1, in: beginning) { return .p256 }
        return contains(secp384r1, in: beginning) ? .p384 : nil
    }

    private static func contains(_ identifier: [UInt8], in bytes: ArraySlice<UInt8>) -> Bool {
        bytes.indices.contains { bytes[$0...].starts(with: identifier) }
    }

    /// 1.2.840.113549.1.1.1 (RFC 8017, appendix A.1).
    private static let rsaEncryption: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01,
    ]
    /// 1.2.840.10045.2.1, 1.2.840.10045.3.1.7 and 1.3.132.0.34 (RFC 5480, section 2.1.1).
    private static let ecPublicKey: [UInt8] = [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    private static let prime256v1: [UInt8] = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    private static let secp384r1: [UInt8] = [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]
}
