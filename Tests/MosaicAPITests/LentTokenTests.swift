import Secrets
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.patient)
struct `A client token that is given away` {
    private static func mosaic(_ token: @escaping @Sendable (Int) -> ScriptedTransport.Outcome) -> ScriptedTransport {
        ScriptedTransport(token: { token($0) }, api: { _, _ in .respond(500) })
    }

    private func lend(
        _ fixture: ClientFixture,
        for seconds: Int,
        resource: String? = nil
    ) async throws -> LentClientToken {
        try await fixture.client.clientToken(
            resource: resource,
            minimumValidity: .seconds(seconds),
            deadline: fixture.call.deadline
        )
    }

    @Test func `is the one at hand as long as it is good for long enough`() async throws {
        let transport = Self.mosaic { .token("t\($0)") }
        try await ClientFixture.with(transport) { (fixture) async throws in
            let first = try await lend(fixture, for: 600)
            #expect(first.value == Secret("t1"))
            #expect(first.remaining == .seconds(3595))
            fixture.clock.advance(by: .seconds(2000))
            #expect(try await lend(fixture, for: 600).value == Secret("t1"))
            #expect(transport.tokenRequests == 1)
            let longer = try await lend(fixture, for: 1600)
            #expect(longer.value == Secret("t2") && longer.remaining == .seconds(3595))
        }
    }

    @Test func `is fetched once a minute at most when none can be good for long enough`() async throws {
        let transport = Self.mosaic { .token("t\($0)") }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for _ in 0..<5 { #expect(try await lend(fixture, for: 86_400).value == Secret("t1")) }
            fixture.clock.advance(by: .seconds(60))
            #expect(try await lend(fixture, for: 86_400).value == Secret("t2"))
            #expect(transport.tokenRequests == 2)
        }
    }

    @Test func `is the old one when no new one can be had`() async throws {
        let transport = Self.mosaic { $0 == 1 ? .token("t1") : .respond(401, #"{"error":"invalid_client"}"#) }
        try await ClientFixture.with(transport) { (fixture) async throws in
            #expect(try await lend(fixture, for: 60).value == Secret("t1"))
            fixture.clock.advance(by: .seconds(100))
            #expect(try await lend(fixture, for: 3590).value == Secret("t1"))
            #expect(transport.tokenRequests == 2)
            // Until the next try is due nobody tries again.
            #expect(try await lend(fixture, for: 3590).value == Secret("t1"))
            #expect(transport.tokenRequests == 2)
        }
    }

    @Test func `is one per resource`() async throws {
        let transport = Self.mosaic { .token("t\($0)") }
        try await ClientFixture.with(transport) { (fixture) async throws in
            _ = try await lend(fixture, for: 0)
            let other = try await lend(fixture, for: 0, resource: "https://r")
            #expect(other.value == Secret("t2"))
            #expect(try await lend(fixture, for: 0, resource: "https://r").value == Secret("t2"))
            #expect(try await lend(fixture, for: 0).value == Secret("t1"))
            #expect(transport.tokenRequests == 2)
        }
    }

    @Test func `is for no more than 32 resources at a time`() async throws {
        let transport = Self.mosaic { .token("t\($0)") }
        try await ClientFixture.with(transport) { (fixture) async throws in
            for number in 0..<ResourceTokenSources.maximumCount {
                _ = try await lend(fixture, for: 0, resource: "https://r\(number)")
            }
            let kind = try await failureKind {
                try await lend(fixture, for: 0, resource: "https://one-too-many")
            }
            #expect(kind == .unavailable)
        }
    }
}
