import Foundation
import MosaicSandbox
import NIOCore
import Synchronization
import TestSupport
import Testing

@Suite struct `The life of a connection` {
    @Test func `goes on after a newer request without a word, and after an older one only where asked for`() {
        var modern = ConnectionPersistence()
        modern.requestBegins(isKeepAlive: true, isHTTP10: false)
        let answer1 = modern.answerBegins(isDelimited: true)
        #expect(answer1.announcement == .none && !answer1.needsEnd)
        let modernEnds = modern.answerEnds()
        #expect(!modernEnds)
        #expect(modern.takesRequests)

        var old = ConnectionPersistence()
        old.requestBegins(isKeepAlive: true, isHTTP10: true)
        let answer2 = old.answerBegins(isDelimited: true)
        #expect(answer2.announcement == .keepAlive && !answer2.needsEnd)
        let oldEnds = old.answerEnds()
        #expect(!oldEnds)
        #expect(old.takesRequests)
    }

    @Test func `ends with the answer to the request that asks for it, not with one before`() {
        var connection = ConnectionPersistence()
        connection.requestBegins(isKeepAlive: true, isHTTP10: false)
        connection.requestBegins(isKeepAlive: false, isHTTP10: false)
        #expect(!connection.takesRequests)
        let answer3 = connection.answerBegins(isDelimited: true)
        #expect(answer3.announcement == .none && !answer3.needsEnd)
        let first = connection.answerEnds()
        #expect(!first)
        let answer4 = connection.answerBegins(isDelimited: true)
        #expect(answer4.announcement == .close && !answer4.needsEnd)
        let second = connection.answerEnds()
        #expect(second)
    }

    @Test func `ends with an answer to an older client whose length does not show`() {
        var connection = ConnectionPersistence()
        connection.requestBegins(isKeepAlive: true, isHTTP10: true)
        let answer5 = connection.answerBegins(isDelimited: false)
        #expect(answer5.announcement == .close && answer5.needsEnd)
        let ends = connection.answerEnds()
        #expect(ends)
    }

    @Test func `ends with the last answer that begins when the server stops`() {
        var connection = ConnectionPersistence()
        connection.requestBegins(isKeepAlive: true, isHTTP10: false)
        connection.requestBegins(isKeepAlive: true, isHTTP10: false)
        connection.stop()
        #expect(!connection.takesRequests)
        let answer6 = connection.answerBegins(isDelimited: true)
        #expect(answer6.announcement == .none && !answer6.needsEnd)
        let first = connection.answerEnds()
        #expect(!first)
        let answer7 = connection.answerBegins(isDelimited: true)
        #expect(answer7.announcement == .close && !answer7.needsEnd)
        let second = connection.answerEnds()
        #expect(second)
    }
}

@Suite(.longTimeLimit, .serialized)
struct `Connections over the network` {
    private static let request = "GET /cis/oidc/jwks HTTP/1.1\nHost: localhost\n"

    private static func serve(
        isSecure: Bool = false,
        _ body: @escaping @Sendable (RunningServer) async throws -> Void
    ) async throws {
        try await Persistence.withDirectory { directory in
            try await RunningServer.run(in: "\(directory)/state", { $0.isSecure = isSecure }, body)
        }
    }

    @Test(arguments: [false, true])
    func `a client that asks for the end of its connection is told of it and sees it`(isSecure: Bool) async throws {
        try await Self.serve(isSecure: isSecure) { server in
            // A list of tokens in any case (RFC 9110, section 7.6.1).
            for value in ["close", "Close", "CLOSE", "close, TE", "TE, close", "keep-alive, close"] {
                try await RawConnection.with(server.description) { connection in
                    try await connection.send(Self.request + "Connection: \(value)\n\n")
                    let first = try await connection.answer()
                    let answer = try #require(first)
                    #expect(answer.status == "HTTP/1.1 200 OK")
                    #expect(answer.fields["connection"] == "close", "\(value)")
                    let rest = try await connection.remainder()
                    #expect(rest.isEmpty)
                }
            }
        }
    }

    @Test func `what is sent behind the last request is not answered`() async throws {
        try await Self.serve { server in
            try await RawConnection.with(server.description) { connection in
                try await connection.send(Self.request + "Connection: close\n\n" + Self.request + "\n")
                let closeAnswer = try await connection.answer()
                #expect(closeAnswer?.fields["connection"] == "close")
                let rest = try await connection.remainder()
                #expect(rest.isEmpty)
            }
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\n", "Connection: TE\n", "Connection: closed\n"])
    func `a client that does not ask for the end can go on`(field: String) async throws {
        try await Self.serve { server in
            try await RawConnection.with(server.description) { connection in
                for _ in 1...3 {
                    try await connection.send(Self.request + field + "\n")
                    let first = try await connection.answer()
                    let answer = try #require(first)
                    #expect(answer.status == "HTTP/1.1 200 OK")
                    #expect(answer.fields["connection"] == nil)
                    #expect(answer.body.contains("keys"))
                }
            }
        }
    }

    @Test func `an older client sees the end, unless it asks to go on and is told that it can`() async throws {
        try await Self.serve { server in
            let old = "GET /cis/oidc/jwks HTTP/1.0\nHost: localhost\n"
            try await RawConnection.with(server.description) { connection in
                try await connection.send(old + "\n")
                let first = try await connection.answer()
                let answer = try #require(first)
                #expect(answer.fields["connection"] == "close")
                #expect(answer.fields["transfer-encoding"] == nil)
                let rest = try await connection.remainder()
                #expect(rest.isEmpty)
            }
            try await RawConnection.with(server.description) { connection in
                for _ in 1...2 {
                    try await connection.send(old + "Connection: Keep-Alive\n\n")
                    let keepaliveAnswer = try await connection.answer()
                    #expect(keepaliveAnswer?.fields["connection"] == "keep-alive")
                }
                try await connection.send(old + "\n")
                let closeAnswer = try await connection.answer()
                #expect(closeAnswer?.fields["connection"] == "close")
                let rest = try await connection.remainder()
                #expect(rest.isEmpty)
            }
        }
    }

    @Test func `answers are dated by the sandbox's clock`() async throws {
        try await Self.serve { server in
            let control = try ControlClient(state: server.state)
            _ = try await control.send("POST", "clock/advance", ["seconds": 1200])
            try await RawConnection.with(server.description) { connection in
                let before = Date()
                try await connection.send(Self.request + "\n")
                let answer = try await connection.answer()
                let date = try #require(answer?.fields["date"])
                let elapsed = Int(Date().timeIntervalSince(before)) + 1
                let possible = (0...elapsed).map { before.addingTimeInterval(1200 + Double($0)).httpDate }
                #expect(possible.contains(date), "\(date) is none of \(possible)")
            }
        }
    }

    @Test(
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_102_444_799, "Thu, 31 Dec 2099 23:59:59 GMT"),
        ] as [(Double, String)]
    )
    func `HTTP dates have the fixed form`(seconds: Double, text: String) {
        #expect(Date(timeIntervalSince1970: seconds + 0.75).httpDate == text)
    }

    @Test(arguments: [false, true])
    func `a stop does not wait for clients that keep idle connections`(isSecure: Bool) async throws {
        let clock = ContinuousClock()
        let held = Mutex<(connection: (any Channel)?, since: ContinuousClock.Instant)>((nil, clock.now))
        try await Self.serve(isSecure: isSecure) { server in
            let connection = try await RawConnection.idle(server.description)
            held.withLock { $0 = (connection, clock.now) }
        }
        let (connection, since) = held.withLock { $0 }
        #expect(clock.now - since < .seconds(2))
        try? await connection?.close()
    }
}
