import Foundation
import GRDB
import MosaicSandbox
import Testing

extension SandboxHarness {
    /// A token of another client of the same app.
    func secondClientToken() async throws -> String {
        var other = try await sandbox.client()
        other.clientID += ".second"
        let client = other
        try await sandbox.store.write { db in try client.upsert(db) }
        let answer = try await token([
            ("grant_type", "client_credentials"), ("client_id", client.clientID), ("client_secret", client.secret),
        ])
        return try #require(answer["access_token"]?.string)
    }
}
