package import Secrets

/// One HTTP exchange with Mosaic: a request out, a whole response back.
///
/// An implementation follows no redirects, repeats nothing of which a byte was written, and knows of every failed request whether it
/// can have left the host.
package protocol HTTPTransport: Sendable {
    /// Sends a request and reads the whole response, whatever its status.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - call: The deadline of the whole exchange, and the last word before the request leaves.
    /// - Throws: ``TransportFailure`` when no whole response came back.
    func send(_ request: UpstreamRequest, call: UpstreamCall) async throws(TransportFailure) -> UpstreamResponse

    /// Closes all connections once requests in flight have ended. No request may be sent afterwards.
    func shutdown() async
}

/// An HTTP request to Mosaic.
package struct UpstreamRequest: Sendable {
    /// The HTTP method.
    package enum Method: String, Sendable {
        /// Reads; may be repeated.
        case get = "GET"
        /// Acts; a repetition may act twice.
        case post = "POST"
        /// Replaces or merges; a repetition may act twice.
        case put = "PUT"
        /// Removes; a repetition may find nothing.
        case delete = "DELETE"
    }

    /// What goes into the `Authorization` header.
    package enum Authorization: Sendable {
        /// No header.
        case none
        /// `Bearer` and the token (RFC 6750, section 2.1).
        case bearer(Secret)
        /// `Basic` and these credentials, which are Base64 already (RFC 7617).
        case basic(Secret)
    }

    /// The media type and bytes of a body. A body may carry passwords, so it is kept as a secret.
    package struct Body: Sendable {
        /// The `Content-Type` header.
        package let mediaType: String
        /// The bytes; their count is the `Content-Length`.
        package let bytes: Secret

        /// A body of the given type.
        package init(mediaType: String, bytes: Secret) {
            self.mediaType = mediaType
            self.bytes = bytes
        }

        /// A JSON body.
        package static func json(_ bytes: Secret) -> Body { Body(mediaType: "application/json", bytes: bytes) }

        /// An `application/x-www-form-urlencoded` body.
        package static func form(_ bytes: Secret) -> Body {
            Body(mediaType: "application/x-www-form-urlencoded", bytes: bytes)
        }
    }

    /// The method.
    package let method: Method
    /// Where to.
    package let url: ServiceURL
    /// Who asks.
    package let authorization: Authorization
    /// The body, or `nil` for none.
    package let body: Body?
    /// Whether many requests have all but the body in common, as those with the client's own token have.
    package let sharesHead: Bool

    /// A request.
    package init(
        _ method: Method,
        _ url: ServiceURL,
        authorization: Authorization = .none,
        body: Body? = nil,
        sharesHead: Bool = false
    ) {
        self.method = method
        self.url = url
        self.authorization = authorization
        self.body = body
        self.sharesHead = sharesHead
    }
}

/// A whole HTTP response from Mosaic. Its body may carry tokens; it is never to be logged.
package struct UpstreamResponse: Sendable, CustomStringConvertible, CustomReflectable {
    /// The HTTP status code.
    package let status: Int
    /// The `WWW-Authenticate` fields, as received.
    package let authenticate: [String]
    /// The `Retry-After` field, as received.
    package let retryAfter: String?
    /// The `Date` field, as received.
    package let date: String?
    /// The `Content-Encoding` field, as received; the agent asks for `identity`.
    package let contentEncoding: String?
    /// The body; empty when there was none.
    package let body: [UInt8]

    /// A response.
    package init(
        status: Int,
        authenticate: [String] = [],
        retryAfter: String? = nil,
        date: String? = nil,
        contentEncoding: String? = nil,
        body: [UInt8] = []
    ) {
        self.status = status
        self.authenticate = authenticate
        self.retryAfter = retryAfter
        self.date = date
        self.contentEncoding = contentEncoding
        self.body = body
    }

    /// The status and the size of the body, nothing of its content.
    package var description: String { "HTTP \(status), \(body.count) bytes" }

    /// Shows no more than the description does.
    package var customMirror: Mirror { Mirror(self, children: ["status": status]) }
}
