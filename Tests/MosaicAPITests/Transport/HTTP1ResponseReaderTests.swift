import NIOCore
import TestSupport
import Testing

@testable import MosaicAPI

@Suite struct `The reader of HTTP/1.1 responses` {
    private static let limits = HTTP1ResponseReader.Limits(headerBytes: 1000, bodyBytes: 500)

    /// How a response was read: its status and body, whether the connection may go on, and what is left of the bytes.
    struct Reading: Hashable, CustomStringConvertible {
        var status = 0
        var body = ""
        var keepsAlive = false
        var rest = ""
        var error: HTTP1Error?

        var description: String { error.map { "\($0)" } ?? "\(status) \(body) \(keepsAlive) rest: \(rest)" }
    }

    /// Reads a text that comes in pieces, after which the connection ends.
    private static func read(_ pieces: [ArraySlice<UInt8>]) -> Reading {
        var reader = HTTP1ResponseReader(limits: limits)
        do throws(HTTP1Error) {
            var buffer = ByteBuffer()
            for (index, piece) in pieces.enumerated() {
                buffer.writeBytes(piece)
                if let complete = try reader.read(&buffer) {
                    for piece in pieces[(index + 1)...] { buffer.writeBytes(piece) }
                    return reading(complete, rest: String(buffer: buffer))
                }
                #expect(buffer.readableBytes == 0)
            }
            return reading(try reader.readEnd(), rest: "")
        } catch {
            return Reading(error: error)
        }
    }

    private static func reading(_ complete: HTTP1ResponseReader.Complete, rest: String) -> Reading {
        Reading(
            status: complete.response.status,
            body: String(decoding: complete.response.body, as: UTF8.self),
            keepsAlive: complete.keepsAlive,
            rest: rest
        )
    }

    private static func whole(_ text: String) -> Reading { read([Array(text.utf8)[...]]) }

    /// The same whole, byte by byte, and cut in two at every place.
    private static func expect(_ text: String, _ expected: Reading) {
        let bytes = Array(text.utf8)
        #expect(read([bytes[...]]) == expected, "whole: \(text)")
        #expect(read(bytes.indices.map { bytes[$0...$0] }) == expected, "byte by byte: \(text)")
        for cut in bytes.indices {
            #expect(read([bytes[..<cut], bytes[cut...]]) == expected, "cut at \(cut): \(text)")
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true),
        ("HTTP/1.1 200 OK\r\ncontent-LENGTH:\t 2 \t\r\n\r\n{}", 200, "{}", true),
        ("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", true),
        ("HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", 404, "", true),
        ("HTTP/1.1 200 d\u{E9}j\u{E0}\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "", true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 304, "", false),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nConnection: TE , Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 200 OK\r\nConnection: closed\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 204 N\r\nContent-Length: 9\r\n\r\n", 204, "", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 001\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~09azAZ: \u{FC}\r\nContent-Length:0\r\n\r\n", 200, "", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n000\r\nContent-Length: 7\r\n\r\n", 200, "x",
            true
        ),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=\"y\"\r\n0123456789\r\n00\r\n\r\n",
            200, "abc0123456789", true
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0 ;e\r\nX-Trailer: y\r\n\r\n", 200, "x", true),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            200, "x", true
        ),
    ])
    func `reads what RFC 9112 allows, however it comes`(text: String, status: Int, body: String, keepsAlive: Bool) {
        Self.expect(text, Reading(status: status, body: body, keepsAlive: keepsAlive))
    }

    @Test func `leaves what lies behind the response`() {
        let next = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
        Self.expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" + next,
            Reading(status: 200, body: "{}", keepsAlive: true, rest: next)
        )
        Self.expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" + next,
            Reading(status: 200, body: "x", keepsAlive: true, rest: next)
        )
    }

    private static func response(_ fields: String, body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n\(body)"
    }

    @Test(arguments: [
        ("ssh-2.0 hello\r\n\r\n", HTTP1Error.statusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.2 200 OK\r\n\r\n", .statusLine),
        ("http/1.1 200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1  200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 20 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 +20 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 200OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 2000 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .statusLine),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .status),
        ("HTTP/1.1 600 OK\r\n\r\n", .status),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .status),
        ("HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", .lineEnd),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\n\n", .lineEnd),
        ("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", .lineEnd),
        (response("X: a\r\n b"), .foldedField),
        (response("X: a\r\n\tContent-Length: 0"), .foldedField),
        (response(": a"), .fieldName),
        (response("X : a"), .fieldName),
        (response("Content-Length : 0"), .fieldName),
        (response("no colon"), .fieldName),
        (response("X(y): a"), .fieldName),
        (response("X: a\u{0}b"), .fieldValue),
        (response("X: a\u{7F}b"), .fieldValue),
        (response("X: a\u{B}b"), .fieldValue),
        (response("Content-Length: 1\r\nContent-Length: 1", body: "x"), .contentLength),
        (response("Content-Length: 1\r\ncontent-length: 2", body: "xy"), .contentLength),
        (response("Content-Length: 1, 1", body: "x"), .contentLength),
        (response("Content-Length: +1", body: "x"), .contentLength),
        (response("Content-Length: -1"), .contentLength),
        (response("Content-Length: 0x1", body: "x"), .contentLength),
        (response("Content-Length: "), .contentLength),
        (response("Content-Length: 1 1", body: "x"), .contentLength),
        (response("Content-Length: 9999999999999999999"), .contentLength),
        (response("Content-Length: 1\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"), .transferEncoding),
        (response("Transfer-Encoding: chunked\r\nContent-Length: 1", body: "0\r\n\r\n"), .transferEncoding),
        (response("Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n"), .transferEncoding),
        (response("Transfer-Encoding: identity"), .transferEncoding),
        (response("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"), .transferEncoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", .transferEncoding),
        (response("Transfer-Encoding: chunked", body: "x\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "-1\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "1 \r\nx\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "1\r\nxy\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "1000000000000000\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "1;\u{0}\r\nx\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "1\nx"), .lineEnd),
        (response("Transfer-Encoding: chunked", body: "0\r\n: x\r\n\r\n"), .fieldName),
        (response("Transfer-Encoding: chunked", body: "0\r\n x\r\n\r\n"), .foldedField),
        (response("Transfer-Encoding: chunked", body: "1\r\nx\n0\r\n\r\n"), .lineEnd),
        (response("Transfer-Encoding: chunked", body: "1\r\nx\r0\r\n\r\n"), .lineEnd),
        (response("Transfer-Encoding: chunked", body: "0x1\r\nx\r\n"), .chunk),
        (response("Transfer-Encoding: chunked", body: "00000000000000001\r\nx\r\n"), .chunk),
        (response("Transfer-Encoding:"), .transferEncoding),
        (response("Content-Length:  \t"), .contentLength),
        (response("Content-Length: 0000000000000000001", body: "x"), .contentLength),
        (response("\u{E9}: x"), .fieldName),
        (response("X: a\r"), .lineEnd),
        (response("\tX: a"), .foldedField),
        ("HTTP/1.1 100 Continue\r\n\r\n", .truncated),
        (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 9), .interimResponses),
        ("HTTP/1.1 200 OK\r\nContent-Len", .truncated),
        ("", .truncated),
        (response("Content-Length: 2", body: "x"), .truncated),
        (response("Transfer-Encoding: chunked", body: "1\r\nx\r\n"), .truncated),
        (response("Transfer-Encoding: chunked", body: "1\r\nx\r\n0\r\n"), .truncated),
    ])
    func `refuses what client and server could read differently, and says what it is`(text: String, error: HTTP1Error) {
        Self.expect(text, Reading(error: error))
    }

    @Test func `takes as much as the limits say, and no byte more`() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: "
        let room = 1000 - head.utf8.count - 4
        #expect(Self.whole(head + String(repeating: "y", count: room) + "\r\n\r\nx").status == 200)
        #expect(Self.whole(head + String(repeating: "y", count: room + 1) + "\r\n\r\nx").error == .headersTooLarge)
        // Without an end in sight.
        #expect(Self.whole(head + String(repeating: "y", count: 1000)).error == .headersTooLarge)
        // Those of interim responses count too.
        let interim = "HTTP/1.1 100 C\r\nX: \(String(repeating: "y", count: 500))\r\n\r\n"
        #expect(Self.whole(interim + interim).error == .headersTooLarge)
        let fields = (0..<200).map { _ in "a:" }.joined(separator: "\r\n")
        #expect(Self.whole("HTTP/1.1 204 N\r\n\(fields)\r\n\r\n").status == 204)
        #expect(Self.whole("HTTP/1.1 204 N\r\n\(fields)\r\na:\r\n\r\n").error == .headersTooLarge)
        for (count, error) in [(500, nil), (501, HTTP1Error.bodyTooLarge)] {
            let body = String(repeating: "z", count: count)
            let size = String(count, radix: 16)
            #expect(Self.whole(Self.response("Content-Length: \(count)", body: body)).error == error)
            #expect(Self.whole("HTTP/1.1 200 OK\r\n\r\n" + body).error == error)
            let chunked = Self.response("Transfer-Encoding: chunked", body: "\(size)\r\n\(body)\r\n0\r\n\r\n")
            #expect(Self.whole(chunked).error == error)
        }
        let trailer = "X: \(String(repeating: "y", count: 990))\r\n\r\n"
        #expect(
            Self.whole(Self.response("Transfer-Encoding: chunked", body: "0\r\n" + trailer)).error == .headersTooLarge
        )
    }

    @Test func `counts extensions of chunks as it counts fields`() {
        let chunk = "1;23456789\r\nx\r\n"
        let head = Self.response("Transfer-Encoding: chunked")
        // Each has nine bytes of them.
        let room = (1000 - head.utf8.count - 2) / 9
        for (count, error) in [(room, nil), (room + 1, HTTP1Error.headersTooLarge)] {
            #expect(Self.whole(head + String(repeating: chunk, count: count) + "0\r\n\r\n").error == error)
        }
        // Small chunks without any are as good as large ones.
        #expect(Self.whole(head + String(repeating: "1\r\nx\r\n", count: 500) + "0\r\n\r\n").status == 200)
    }

    @Test func `takes the first of fields that there should be one of`() throws {
        var reader = HTTP1ResponseReader(limits: Self.limits)
        var buffer = ByteBuffer(
            string:
                "HTTP/1.1 503 N\r\nDate: a\r\nDate: b\r\nRetry-After: 1\r\nRetry-After: 2\r\nContent-Encoding: c\r\n"
                + "Content-Encoding: d\r\nKeep-Alive: timeout=1\r\nKeep-Alive: timeout=9\r\nContent-Length: 0\r\n\r\n"
        )
        let complete = try #require(try reader.read(&buffer))
        #expect(complete.response.date == "a")
        #expect(complete.response.retryAfter == "1")
        #expect(complete.response.contentEncoding == "c")
        #expect(complete.idleTime == .milliseconds(500))
    }

    @Test func `keeps the fields that say what to do next`() throws {
        var reader = HTTP1ResponseReader(limits: Self.limits)
        var buffer = ByteBuffer(
            string:
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nDate: now\r\nwww-authenticate: Bearer x\r\n"
                + "Retry-After: 5\r\nContent-Encoding: gzip\r\nKeep-Alive: max=9, timeout=5\r\nContent-Length: 0\r\n\r\n"
        )
        let complete = try #require(try reader.read(&buffer))
        #expect(complete.response.authenticate == ["Basic", "Bearer x"])
        #expect(complete.response.date == "now")
        #expect(complete.response.retryAfter == "5")
        #expect(complete.response.contentEncoding == "gzip")
        #expect(complete.idleTime == .milliseconds(4000))
    }

    @Test func `reads any bytes the same way, whole and in pieces, as a slow reader does, and never traps`() {
        let texts = [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
            "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: y\r\n\r\n",
            "HTTP/1.0 401 N\r\nWWW-Authenticate: Bearer\r\nKeep-Alive: timeout=5\r\n\r\nrest",
        ].map { Array($0.utf8) }
        let special = Array("\r\n:;, 0159afAF\u{0}\u{7F}\u{80}".utf8)
        var random = SeededGenerator(seed: 7)
        var outcomes: Set<String> = []
        var disagreements: [String] = []
        for _ in 0..<50_000 {
            var bytes = texts.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(special.randomElement(using: &random) ?? 0, at: place)
                default: bytes[place] = special.randomElement(using: &random) ?? 0
                }
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            let whole = Self.read([bytes[...]])
            #expect(Self.read([bytes[..<cut], bytes[cut...]]) == whole, "\(bytes) cut at \(cut)")
            outcomes.insert(whole.error.map { "\($0)" } ?? "read")
            let outcome = HTTP1Outcome(reading: [bytes[..<cut], bytes[cut...]], limits: Self.limits)
            let expected = HTTP1Oracle.outcome(of: bytes)
            if outcome != expected { disagreements.append("\(outcome), not \(expected): \(bytes)") }
        }
        #expect(disagreements.isEmpty, "\(disagreements.prefix(3))")
        // The mutations reach far: nearly every kind of error was met.
        #expect(outcomes.count >= 10, "\(outcomes)")
    }
}
