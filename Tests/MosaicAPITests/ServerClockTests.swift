import Secrets
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

/// The time of day that the emulator's answers tell.
@Suite(.longTimeLimit) struct ServerClockTests {
    private static let forge = Result { try TokenForge() }
    private static let now = ClientFixture.now
    /// 20 minutes after ``ClientFixture/now``, 15 January 2027, 08:00.
    private static let later = "Fri, 15 Jan 2027 08:20:00 GMT"

    private static func endpoints(isEmulated: Bool) -> MosaicEndpoints {
        MosaicEndpoints(
            region: .eu,
            issuer: isEmulated ? MosaicEndpoints.emulatorIssuer : "https://eu.userid.security"
        )
    }

    @Test(arguments: [true, false])
    func `a token is checked by the emulator's clock, and by the machine's where Mosaic is real`(
        isEmulated: Bool
    ) async throws {
        let forge = try Self.forge.get()
        let keys = try forge.keySet()
        let endpoints = Self.endpoints(isEmulated: isEmulated)
        let claims =
            #"{"iss":"\#(endpoints.issuer ?? "")","tid":"tenant","sub":"u1","aud":"client.example","#
            + #""iat":\#(Self.now + 1200),"exp":\#(Self.now + 4800)}"#
        let token = try forge.token(claims, header: #"{"alg":"ES256","kid":"e1"}"#)
        let own = TokenForge.url(Array(#"{"tid":"tenant"}"#.utf8))
        let transport = ScriptedTransport(
            token: { _ in .token("h.\(own).s") },
            api: { number, _ in
                number == 1
                    ? .respond(UpstreamResponse(status: 200, body: Array(keys.utf8)))
                    : .respond(UpstreamResponse(status: 204, date: Self.later))
            }
        )
        try await ClientFixture.with(transport, endpoints: endpoints) { fixture in
            let verification = TokenVerification(token: token, use: .id)
            let early = try await fixture.client.verify(verification, call: fixture.call)
            #expect(early == .invalid(.notYetValid))
            try await fixture.client.perform(SessionLogoutOperation(sessionID: Secret("s")), call: fixture.call)
            let late = try await fixture.client.verify(verification, call: fixture.call)
            if isEmulated {
                guard case .valid = late else {
                    Issue.record("\(late)")
                    return
                }
            } else {
                #expect(late == .invalid(.notYetValid))
            }
        }
    }

    @Test func `an answer without a date, or with none that can be read, says nothing`() {
        let clock = ServerClock(local: { Self.now })
        for date in [nil, "", "soon"] {
            clock.heard(UpstreamResponse(status: 200, date: date))
            #expect(clock.offset == 0)
        }
        clock.heard(UpstreamResponse(status: 200, date: Self.later))
        #expect(clock.offset == 1200)
        #expect(clock.now == Self.now + 1200)
        clock.heard(UpstreamResponse(status: 200))
        #expect(clock.offset == 1200)
    }

    @Test func `an assertion that is refused for its time is signed again by the time of the refusal`() async throws {
        let key = ClientAssertion(
            key: try AssertionKey(pem: Secret(try TestIdentity().key)),
            keyID: "k",
            audience: "https://x.example/oidc/token",
            wallClock: { Self.now }
        )
        let dates = Dates()
        let transport = ScriptedTransport(
            token: { number in
                number == 1
                    ? .respond(
                        UpstreamResponse(
                            status: 401,
                            date: Self.later,
                            body: Array(#"{"error":"invalid_client"}"#.utf8)
                        )
                    ) : .token("t\(number)")
            },
            api: { _, exchange in
                dates.note(exchange.body)
                return .respond(200)
            }
        )
        try await ClientFixture.with(
            transport,
            authentication: .privateKeyJWT(key),
            endpoints: Self.endpoints(isEmulated: true)
        ) { fixture in
            try await fixture.client.perform(SessionLogoutOperation(sessionID: Secret("s")), call: fixture.call)
            #expect(transport.tokenRequests == 2)
            try await fixture.client.perform(TokenRevokeOperation(token: Secret("x")), call: fixture.call)
        }
        #expect(dates.issued == [Self.now + 1200])
    }

    /// The `iat` of assertions in forms.
    private final class Dates: Sendable {
        private let list = Mutex<[Int64]>([])
        var issued: [Int64] { list.withLock { $0 } }

        func note(_ body: String?) {
            for field in (body ?? "").split(separator: "&") where field.hasPrefix("client_assertion=") {
                let parts = field.dropFirst("client_assertion=".count).split(separator: ".")
                guard parts.count == 3, let bytes = Base64.decodeURL(Array(parts[1].utf8)),
                    let claims = try? JSONDocument(parsing: bytes, maximumDepth: 2).root,
                    let issued = claims["iat"]?.integer
                else { continue }
                list.withLock { $0.append(issued) }
            }
        }
    }
}
