import Foundation
import Testing

extension EndToEnd {
    /// Access tokens as credentials of units, asked for as systemd does it.
    @Suite(.enabled(if: geteuid() == 0, "only root may ask for units"))
    struct CredentialProvider {
        private static let rules = """
            [Access report]
            Match=unit:report-*.service
            Clients=default second
            Allow=client-token

            [Access everybody]
            Match=any
            Clients=default
            Allow=* client_token.get
            """

        /// What a unit finds in its credential.
        private static func credential(
            of unit: String,
            id: String = "mosaic",
            from agent: AgentFixture
        ) throws -> String {
            let random = String(UInt64.random(in: 0 ... .max), radix: 16)
            let connection = try LineSocket(agent.credentialSocket, from: "\0\(random)/unit/\(unit)/\(id)")
            connection.finishSending()
            return try connection.readToEnd()
        }

        private static var options: AgentOptions {
            var options = AgentOptions()
            options.providesCredentials = true
            options.access = rules
            options.furtherClients = ["second"]
            return options
        }

        @Test func `a unit with a rule gets a token that Mosaic takes, another one gets nothing`() async throws {
            try await TestBed.with(agent: Self.options) { world in
                let token = try Self.credential(of: "report-daily.service", from: world.agent)
                #expect(try await IssuedToken.status(with: token, in: world) == "200")
                let fetches = try await world.sandbox.count("E1")
                #expect(try Self.credential(of: "report-daily.service", from: world.agent) == token)
                #expect(
                    try Self.credential(of: "report-daily.service", id: "mosaic.default", from: world.agent) == token
                )
                let other = try Self.credential(of: "report-daily.service", id: "mosaic.second", from: world.agent)
                #expect(try await IssuedToken.status(with: other, in: world) == "200" && other != token)
                #expect(try await world.sandbox.count("E1") == fetches)

                #expect(try Self.credential(of: "storefront.service", from: world.agent) == "")
                #expect(try Self.credential(of: "report-daily.service", id: "mosaic.third", from: world.agent) == "")
                #expect(try Self.credential(of: "report-daily.service", id: "token", from: world.agent) == "")
                #expect(try Self.credential(of: "report-daily", from: world.agent) == "")

                let status = try world.agent.askControl("daemon.status")["result"]
                let names = status?["sockets"]?.array?.compactMap { $0["name"]?.string }
                #expect(names == ["main", "control", "credential"])
                _ = try await world.agent.process.terminate()
                let log = world.agent.process.error
                #expect(!log.contains(token) && !log.contains(other))
                let records = log.split(separator: "\n").filter { $0.contains(#""MOSAIC_SOCKET":"credential""#) }
                #expect(records.count == 8)
                #expect(records.filter { $0.contains(#""MOSAIC_RULE":"report""#) }.count == 4)
                for reason in ["no_rule_for_caller", "client_not_allowed", "unknown_credential", "peer_address"] {
                    #expect(records.filter { $0.contains(#""MOSAIC_REASON":"\#(reason)""#) }.count == 1, "\(reason)")
                }
            }
        }
    }
}
