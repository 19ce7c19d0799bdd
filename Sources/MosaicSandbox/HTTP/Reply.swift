package import HTTPTypes
package import Hummingbird
import NIOCore

/// What an endpoint answers: a status, headers and a JSON body, or no body at all.
package struct Reply: Sendable {
    /// The HTTP status.
    package var status: Int
    /// Headers besides the content type and length.
    package var headers: HTTPFields = [:]
    /// The body; nil for an empty one.
    package var body: JSONValue?

    /// A reply with a JSON body.
    package init(_ status: Int = 200, _ body: [String: JSONValue]) {
        self.status = status
        self.body = .object(body)
    }

    /// A reply with a JSON body of any kind, or with none.
    package init(status: Int, body: JSONValue?) {
        self.status = status
        self.body = body
    }

    /// The reply that a refusal becomes.
    package init(_ error: APIError) {
        self.status = error.status
        self.headers = error.headers
        self.body = .object(error.body)
    }

    /// The response as Hummingbird sends it. Nothing of the sandbox may be stored by a cache.
    package var response: Response {
        var headers = headers
        headers[.cacheControl] = headers[.cacheControl] ?? "no-store"
        guard let body else {
            return Response(status: .init(code: status), headers: headers)
        }
        headers[.contentType] = "application/json; charset=utf-8"
        return Response(
            status: .init(code: status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: body.text))
        )
    }
}
