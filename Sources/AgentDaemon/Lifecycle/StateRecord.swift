import Crypto
import Secrets

/// One secret that the agent keeps over a restart, with all that decides whether it is still good then.
///
/// The layout, all numbers in network byte order: the mark, format (1 byte), kind (1), boot id (16), digest (32), three
/// instants in nanoseconds on CLOCK_BOOTTIME (8 each), the key's length (2) and the key, the value's length (4) and the
/// value, and the SHA-256 of everything before it (32). What does not read like that, to the last byte, is no record.
struct StateRecord: Sendable, Equatable {
    /// What kind of secret it is.
    enum Kind: UInt8, Sendable {
        /// A client access token; the key is the client's name, the digest that of its credential.
        case token = 1
        /// The key of the audit trail's hashes.
        case auditKey = 2
    }

    private static let mark = Array("mosaicd".utf8)
    private static let format: UInt8 = 1
    private static let digestSize = 32
    /// The length of a boot id.
    static let bootIDSize = 16

    var kind: Kind
    /// The boot it was made in: instants of another boot mean nothing.
    var bootID: [UInt8]
    /// What it was made with; see ``Kind``.
    var digest: [UInt8]
    /// When it was received, is to be replaced and expires, in nanoseconds on CLOCK_BOOTTIME.
    var received: Int64 = 0
    var refresh: Int64 = 0
    var expiry: Int64 = 0
    var key: String
    var value: Secret

    /// The record as bytes.
    func encoded() -> Secret {
        precondition(bootID.count == Self.bootIDSize && digest.count == Self.digestSize, "a field of a fixed size")
        var bytes = Self.mark + [Self.format, kind.rawValue] + bootID + digest
        for instant in [received, refresh, expiry] { Self.append(UInt64(bitPattern: instant), size: 8, to: &bytes) }
        Self.append(UInt64(key.utf8.count), size: 2, to: &bytes)
        bytes += key.utf8
        Self.append(UInt64(value.count), size: 4, to: &bytes)
        value.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        bytes += SHA256.hash(data: bytes)
        return Secret(consuming: &bytes)
    }

    private static func append(_ number: UInt64, size: Int, to bytes: inout [UInt8]) {
        for index in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))) }
    }
}

extension StateRecord {
    /// Reads a record; nil if it is none, or has been damaged.
    init?(decoding secret: Secret) {
        var bytes = secret.withBytes { span in span.indices.map { span[$0] } }
        defer { bytes.wipe() }
        guard bytes.count > Self.digestSize else { return nil }
        let border = bytes.count - Self.digestSize
        guard SHA256.hash(data: bytes[..<border]).elementsEqual(bytes[border...]) else { return nil }
        var reader = Reader(bytes: bytes[..<border])
        guard reader.take(Self.mark.count).map({ Array($0) }) == Self.mark, reader.number(1) == UInt64(Self.format),
            let kind = reader.number(1).flatMap({ Kind(rawValue: UInt8($0)) }),
            let bootID = reader.take(Self.bootIDSize), let digest = reader.take(Self.digestSize),
            let received = reader.number(8), let refresh = reader.number(8), let expiry = reader.number(8),
            let key = reader.number(2).flatMap({ reader.take(Int($0)) }),
            let value = reader.number(4).flatMap({ reader.take(Int($0)) }), reader.bytes.isEmpty
        else { return nil }
        self.init(
            kind: kind,
            bootID: Array(bootID),
            digest: Array(digest),
            received: Int64(bitPattern: received),
            refresh: Int64(bitPattern: refresh),
            expiry: Int64(bitPattern: expiry),
            key: String(decoding: key, as: UTF8.self),
            value: Secret(copying: value)
        )
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

        mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard bytes.count >= count else { return nil }
            defer { bytes = bytes.dropFirst(count) }
            return bytes.prefix(count)
        }

        mutating func number(_ size: Int) -> UInt64? {
            take(size)?.reduce(0) { $0 << 8 | UInt64($1) }
        }
    }
}
