import Foundation
import GRDB
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Persistence` {
    /// A directory that is removed afterwards.
    static func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sandbox-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    /// A box for what one run leaves for the next.
    actor Memory {
        var values: [String: String] = [:]
        func set(_ name: String, _ value: String) { values[name] = value }
    }

    @Test func `a file keeps users, failures, sessions, keys, tokens, client and preferences over a restart`()
        async throws
    {
        try await Self.withDirectory { directory in
            let database = "\(directory)/sandbox.db"
            let memory = Memory()
            try await SandboxHarness.run(database: database) { sandbox in
                await memory.set("user", try await sandbox.createUser())
                await memory.set("token", try await sandbox.clientToken())
                await memory.set("secret", try await sandbox.sandbox.client().secret)
                await memory.set("client", sandbox.sandbox.clientID)
                await memory.set("session", try await sandbox.login()["session_id"]?.string ?? "")
                await memory.set("keys", try await sandbox.send(.get, "/cis/oidc/jwks").text)
                try await sandbox.setPreferences(["maxPasswordFailures": 2])
                _ = try await sandbox.login("ann", "wrong")
            }
            let values = await memory.values
            try await SandboxHarness.run(database: database) { sandbox in
                #expect(try await sandbox.send(.get, "/cis/oidc/jwks").text == values["keys"])
                #expect(sandbox.sandbox.clientID == values["client"])
                #expect(try await sandbox.sandbox.client().secret == values["secret"])
                let bearer = SandboxHarness.bearer(values["token"] ?? "")
                let user = try await sandbox.send(.get, "/cis/v1/users/username/ann", headers: bearer)
                #expect(user["result"]?["user_id"]?.string == values["user"])
                let session = values["session"].map(JSONValue.string) ?? .null
                #expect(try await sandbox.control(.get, "users/ann")["password_failures"] == 1)
                #expect(try await sandbox.login("ann", "wrong").status == 401)
                #expect(try await sandbox.login().errorCode == "auth_locked")
                _ = try await sandbox.control(.post, "users/ann/unlock")
                #expect(try await sandbox.login(extra: ["session_id": session])["session_id"] == session)
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: database)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `foreign keys hold`() async throws {
        let sandbox = try await Sandbox(SandboxHarness.configuration())
        await #expect(throws: DatabaseError.self) {
            try await sandbox.store.write { db in
                try db.execute(
                    sql: "INSERT INTO membership (appID, userID) VALUES (?, 'nobody')",
                    arguments: [sandbox.appID]
                )
            }
        }
    }

    @Test func `passwords and refresh tokens are not in the file`() async throws {
        try await Self.withDirectory { directory in
            let database = "\(directory)/sandbox.db"
            let memory = Memory()
            try await SandboxHarness.run(database: database) { sandbox in
                try await sandbox.createUser()
                let answer = try await sandbox.login()
                await memory.set("refresh", answer["refresh_token"]?.string ?? "")
            }
            let content = try Data(contentsOf: URL(filePath: database))
            let refresh = await memory.values["refresh"] ?? ""
            #expect(!refresh.isEmpty)
            #expect(content.range(of: Data(refresh.utf8)) == nil)
            #expect(content.range(of: Data(SandboxHarness.password.utf8)) == nil)
            #expect(content.range(of: Data("$scrypt$".utf8)) != nil)
        }
    }

    @Test func `a file that is no database is refused`() async throws {
        try await Self.withDirectory { directory in
            let path = "\(directory)/x.db"
            try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(filePath: path))
            await #expect(throws: (any Error).self) { try await Sandbox(SandboxHarness.configuration(database: path)) }
        }
    }
}
