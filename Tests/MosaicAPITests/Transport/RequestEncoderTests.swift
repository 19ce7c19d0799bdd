import NIOCore
import Secrets
import Testing

@testable import MosaicAPI

@Suite struct `The encoder of requests` {
    private let url: ServiceURL
    private let token = Secret("token")

    init() throws {
        url = try ServiceURL("https://mosaic.example/v1", allowInsecureHTTP: false)
    }

    private static func text(_ request: UpstreamRequest, by encoder: inout RequestEncoder) throws -> String {
        String(buffer: try encoder.encode(request, allocator: ByteBufferAllocator()))
    }

    @Test func `writes each request's own query and body, whatever it shares with those before`() throws {
        var encoder = RequestEncoder(host: "mosaic.example", userAgent: "mosaicd")
        let users = url.appending(path: "users")
        let queries = ["", "a", "b", "", "a"]
        for query in queries {
            let target = query.isEmpty ? users : users.appending(query: [("identifier", Array(query.utf8))])
            let request = UpstreamRequest(.get, target, authorization: .bearer(token), sharesHead: true)
            let line = query.isEmpty ? "GET /v1/users HTTP/1.1" : "GET /v1/users?identifier=\(query) HTTP/1.1"
            let text = try Self.text(request, by: &encoder)
            #expect(text.hasPrefix(line + "\r\nHost: mosaic.example\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
        let bodies: [UpstreamRequest.Body?] = [
            nil, .json(Secret("{}")), nil, .form(Secret("a=b&c")), .json(Secret("[1]")), nil,
        ]
        for body in bodies {
            let request = UpstreamRequest(.delete, users, authorization: .bearer(token), body: body, sharesHead: true)
            let text = try Self.text(request, by: &encoder)
            #expect(text.contains("Content-Type: ") == (body != nil))
            #expect(text.contains("Content-Length: ") == (body != nil))
            if let body {
                #expect(
                    text.contains("\r\nContent-Type: \(body.mediaType)\r\nContent-Length: \(body.bytes.count)\r\n\r\n")
                )
            }
        }
    }

    @Test func `writes the exact head of a request`() throws {
        var encoder = RequestEncoder(host: "mosaic.example:8443", userAgent: "mosaicd")
        let common =
            "Host: mosaic.example:8443\r\nUser-Agent: mosaicd\r\nAccept: application/json\r\nAccept-Encoding: identity\r\n"
        for sharesHead in [true, false, true] {
            let post = UpstreamRequest(
                .post,
                url,
                authorization: .bearer(token),
                body: .json(Secret("{}")),
                sharesHead: sharesHead
            )
            #expect(
                try Self.text(post, by: &encoder)
                    == "POST /v1 HTTP/1.1\r\n\(common)Authorization: Bearer token\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            )
        }
        let get = UpstreamRequest(.get, url)
        #expect(try Self.text(get, by: &encoder) == "GET /v1 HTTP/1.1\r\n\(common)\r\n")
        let empty = UpstreamRequest(.post, url, authorization: .basic(Secret("YTpi")))
        #expect(
            try Self.text(empty, by: &encoder)
                == "POST /v1 HTTP/1.1\r\n\(common)Authorization: Basic YTpi\r\nContent-Length: 0\r\n\r\n"
        )
    }
}
