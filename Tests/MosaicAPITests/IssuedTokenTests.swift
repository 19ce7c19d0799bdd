import Secrets
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `A client token that is given away` {
    private static func mosaic(_ token: @escaping @Sendable (Int) -> ScriptedTransport.Outcome) -> ScriptedTransport {
        ScriptedTransport(token: { token($0) }, api: { _, _ in .respond(500) })
    }

    private func lend(
        _ fixture: ClientFixture,
        for seconds: Int,
        resource: String? = nil,
        uid: UInt32 = 0
    ) async throws -> IssuedClientToken {
        try await fixture.client.clientToken(
            resource: resource,
            minimumValidity: .seconds(seconds),
            call: UpstreamCall(deadline: fixture.call.deadline, uid: uid)
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

    /// The resources that tokens were asked for.
    private final class Asked: Sendable {
        let names = Mutex<[String]>([])
    }

    /// A Mosaic that knows the resources whose names begin with "good", and counts what it is asked.
    private static func knowing(_ asked: Asked) -> ScriptedTransport {
        ScriptedTransport(
            token: { _ in .token("usual") },
            resource: { resource in
                asked.names.withLock { $0.append(resource) }
                return resource.hasPrefix("good") ? .token(resource) : .respond(400, #"{"error":"invalid_target"}"#)
            },
            api: { _, _ in .respond(500) }
        )
    }

    @Test func `can be had while another uid asks for resources that there are not`() async throws {
        let asked = Asked()
        try await ClientFixture.with(Self.knowing(asked), random: 0.5) { (fixture) async throws in
            for number in 0..<40 {
                let kind = try await failureKind {
                    try await lend(fixture, for: 0, resource: "bogus\(number)", uid: 1000)
                }
                #expect(kind != nil)
            }
            let bogus = asked.names.withLock { Set($0).count }
            #expect(bogus == 15, "the share of one uid: half of what is not root's")
            for uid in [1001, 1002, 0] as [UInt32] {
                for number in 0..<4 {
                    let name = "good-\(uid)-\(number)"
                    #expect(try await lend(fixture, for: 0, resource: name, uid: uid).value == Secret(name))
                }
            }
            #expect(try await lend(fixture, for: 0).value == Secret("usual"))
            // What Mosaic does not know is forgotten after seconds: the same uid can have others.
            fixture.clock.advance(by: .seconds(10))
            try await until { try await lend(fixture, for: 0, resource: "good", uid: 1000).value == Secret("good") }
        }
    }

    @Test func `makes room for others when a uid has many, and only its own goes when it wants more`() async throws {
        let asked = Asked()
        try await ClientFixture.with(Self.knowing(asked), random: 0.5) { (fixture) async throws in
            _ = try await lend(fixture, for: 0, resource: "good-b", uid: 1001)
            for number in 0..<60 {
                fixture.clock.advance(by: .milliseconds(1))
                _ = try await lend(fixture, for: 0, resource: "good-a\(number)", uid: 1000)
            }
            // Many uids take what is left, and then from the one that has most.
            for uid in 1002..<1026 as Range<UInt32> {
                fixture.clock.advance(by: .milliseconds(1))
                _ = try await lend(fixture, for: 0, resource: "good-\(uid)", uid: uid)
            }
            asked.names.withLock { $0 = [] }
            _ = try await lend(fixture, for: 0, resource: "good-b", uid: 1001)
            _ = try await lend(fixture, for: 0, resource: "good-a59", uid: 1000)
            #expect(asked.names.withLock { $0 } == [], "others', and the newest of the uid with most, are still there")
        }
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while true {
            do {
                if try await condition() { return }
            } catch is APIFailure {}
            await Task.yield()
        }
    }
}
