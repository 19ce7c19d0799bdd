import Foundation
import HTTPTypes
import HummingbirdTesting
import InMemoryLogging
import Logging
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `The access log` {
    @Test func `has one line per request and tells neither secrets nor identifiers`() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test", factory: { _ in handler })
        logger.logLevel = .trace
        let sandbox = try await Sandbox(SandboxHarness.configuration())
        let canaries = try await sandbox.application(logger: logger).test(.router) { client in
            let harness = SandboxHarness(sandbox: sandbox, client: client)
            try await harness.createUser("canary-name")
            let answer = try await harness.login("canary-name")
            _ = try await harness.login("canary-name", "canary-password")
            _ = try await harness.call(.get, "/cis/v1/users/username/canary-name")
            _ = try await harness.call(.get, "/canary-path?canary-query")
            _ = try await harness.control(.get, "users/canary-name")
            let tokens = ["access_token", "id_token", "refresh_token", "session_id"].compactMap { answer[$0]?.string }
            #expect(tokens.count == 4)
            return tokens + [SandboxHarness.password, "canary", sandbox.adminToken, try await sandbox.client().secret]
        }
        let lines = handler.entries.map { "\($0.message) \($0.metadata)" }
        // Five calls with a token fetch each, and one control request.
        #expect(lines.count { $0.hasPrefix("request ") } == 11)
        #expect(lines.contains { $0.contains("/cis/v1/users/username/{username}") && $0.contains("200") })
        for line in lines {
            for canary in canaries { #expect(!line.contains(canary)) }
        }
    }
}
