/// A light look at a PEM file of certificates: enough to find the wrong file, not to judge certificates.
enum CertificateFile {
    /// The greatest size of such a file; the bundles of the usual distributions have a quarter of it.
    static let maximumSize = 1 << 20

    /// What is wrong with the file's content, as a phrase, or nil.
    static func flaw(in bytes: [UInt8]) -> String? {
        var certificates = 0
        var body: [UInt8]?
        for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            if line.starts(with: "-----BEGIN ".utf8) {
                if String(decoding: line, as: UTF8.self).contains("PRIVATE KEY") {
                    return "holds a private key, which has no place in a file of certificates"
                }
                guard body == nil else { return "has a BEGIN line inside another block" }
                body = line.elementsEqual("-----BEGIN CERTIFICATE-----".utf8) ? [] : nil
            } else if let block = body {
                guard line.elementsEqual("-----END CERTIFICATE-----".utf8) else {
                    body = block + line
                    continue
                }
                guard isEncodedSequence(block) else { return "has a certificate that is not in base64" }
                certificates += 1
                body = nil
            }
        }
        guard body == nil else { return "ends inside a certificate" }
        return certificates == 0 ? "holds no certificate in PEM form" : nil
    }

    /// Whether it is base64 whose first byte is 0x30, the tag of an ASN.1 SEQUENCE that every certificate is.
    private static func isEncodedSequence(_ body: [UInt8]) -> Bool {
        let text = body.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        let digits = text.prefix { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        let padding = text.dropFirst(digits.count)
        return text.count % 4 == 0 && padding.count <= 2 && padding.allSatisfy { $0 == UInt8(ascii: "=") }
            && text.first == UInt8(ascii: "M") && text.count > 64
    }
}
