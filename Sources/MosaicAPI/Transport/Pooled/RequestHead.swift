import NIOCore
import Secrets

/// Writes the bytes of HTTP/1.1 requests (RFC 9112, section 3).
///
/// The heads of requests that differ in their bodies only, as all logins do, are made once per access token.
struct RequestEncoder {
    /// A request cannot be written: a value of one of its fields may not stand in a field.
    struct UnfitField: Error {}

    private struct PreparedHead {
        let method: UpstreamRequest.Method
        let path: String
        let mediaType: String?
        let token: Secret
        /// Everything up to the value of `Content-Length`.
        let text: Secret
    }

    private static let maximumPrepared = 16

    private let host: [UInt8]
    private let userAgent: [UInt8]
    private var prepared: [PreparedHead] = []

    /// An encoder for requests to one host.
    ///
    /// - Parameters:
    ///   - host: The value of `Host`, with the port where it is not the scheme's own.
    ///   - userAgent: The value of `User-Agent`.
    init(host: String, userAgent: String) {
        self.host = Array(host.utf8)
        self.userAgent = Array(userAgent.utf8)
    }

    /// The bytes of a request.
    mutating func encode(
        _ request: UpstreamRequest,
        allocator: ByteBufferAllocator
    ) throws(UnfitField) -> ByteBuffer {
        let head = try head(of: request)
        let bodyCount = request.body?.bytes.count ?? 0
        var buffer = allocator.buffer(capacity: head.count + bodyCount + 24)
        head.withBytes { bytes in
            // Sound: UInt8 has no padding that could be uninitialised.
            _ = unsafe buffer.writeBytes(bytes.bytes)
        }
        if request.announcesLength {
            Self.writeDecimal(bodyCount, to: &buffer)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
        request.body?.bytes.withBytes { bytes in
            _ = unsafe buffer.writeBytes(bytes.bytes)
        }
        return buffer
    }

    private mutating func head(of request: UpstreamRequest) throws(UnfitField) -> Secret {
        guard request.sharesHead, request.url.query.isEmpty, case .bearer(let token) = request.authorization else {
            return try makeHead(of: request)
        }
        let path = request.url.path
        let mediaType = request.body?.mediaType
        let known = prepared.firstIndex {
            $0.path == path && $0.method == request.method && $0.mediaType == mediaType
        }
        if let known, prepared[known].token.isSameObject(as: token) { return prepared[known].text }
        // The token was replaced: what holds the old one goes.
        if let first = prepared.first, !first.token.isSameObject(as: token) { prepared.removeAll() }
        let head = PreparedHead(
            method: request.method,
            path: path,
            mediaType: mediaType,
            token: token,
            text: try makeHead(of: request)
        )
        if prepared.count == Self.maximumPrepared { prepared.removeFirst() }
        prepared.append(head)
        return head.text
    }

    private func makeHead(of request: UpstreamRequest) throws(UnfitField) -> Secret {
        let (scheme, credentials): (StaticString, Secret?) =
            switch request.authorization {
            case .none: ("", nil)
            case .bearer(let token): ("Bearer ", token)
            case .basic(let encoded): ("Basic ", encoded)
            }
        guard credentials.map({ Self.isFieldValue($0) }) ?? true else { throw UnfitField() }
        var target = request.url.path.isEmpty ? "/" : request.url.path
        if !request.url.query.isEmpty { target += "?" + request.url.query }
        let mediaType = request.body?.mediaType ?? ""
        let capacity =
            256 + target.utf8.count + host.count + userAgent.count + mediaType.utf8.count + (credentials?.count ?? 0)
        return Secret(capacity: capacity) { output in
            output.append(copying: request.method.rawValue.utf8Span.span)
            output.append(" ")
            output.append(copying: target.utf8Span.span)
            output.append(" HTTP/1.1\r\nHost: ")
            output.append(copying: host.span)
            output.append("\r\nUser-Agent: ")
            output.append(copying: userAgent.span)
            // Without the second field any encoding would be welcome (RFC 9110, section 12.5.3).
            output.append("\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n")
            if let credentials {
                output.append("Authorization: ")
                output.append(scheme)
                credentials.withBytes { output.append(copying: $0) }
                output.append("\r\n")
            }
            if request.body != nil {
                output.append("Content-Type: ")
                output.append(copying: mediaType.utf8Span.span)
                output.append("\r\n")
            }
            if request.announcesLength { output.append("Content-Length: ") }
        }
    }

    /// Whether the bytes are visible ASCII and may therefore stand in a field.
    private static func isFieldValue(_ secret: Secret) -> Bool {
        secret.withBytes { bytes in
            for index in bytes.indices where bytes[index] <= 0x20 || bytes[index] >= 0x7F { return false }
            return !bytes.isEmpty
        }
    }

    private static func writeDecimal(_ number: Int, to buffer: inout ByteBuffer) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer.writeInteger(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }
}

extension UpstreamRequest {
    /// Whether the head says how long the body is: also that there is none, where the method lets one expect a body
    /// (RFC 9110, section 8.6).
    fileprivate var announcesLength: Bool { body != nil || method == .post || method == .put }
}

extension OutputSpan where Element == UInt8 {
    fileprivate mutating func append(_ text: StaticString) {
        // Sound: the text lives as long as the program.
        let bytes = unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        append(copying: unsafe bytes.span)
    }
}
