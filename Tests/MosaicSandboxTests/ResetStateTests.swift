import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `A reset` {
    private static let seed = #"""
        [{"username":"ann","email":"ann@example.com","email_verified":true,
          "credentials":{"password":"x","force_replace":false}}, {"username":"bob"}]
        """#

    @Test func `brings everything back to the start, and leaves client tokens alone`() async throws {
        try await SandboxHarness.run { sandbox in
            let seeds = try SeedUser.read(Data(Self.seed.utf8), name: "f")
            #expect(try await sandbox.sandbox.seed(seeds) == 2)
            let preferences = try await sandbox.control(.get, "preferences").text
            let client = try await sandbox.control(.get, "client").text
            let credentials = try await sandbox.credentials()
            let token = try await sandbox.clientToken()
            let userToken = try #require(try await sandbox.login("ann", "x")["access_token"]?.string)

            try await sandbox.createUser("cid")
            _ = try await sandbox.login("ann", "wrong")
            #expect(try await sandbox.sendCode(["identifier": "ann"]).status == 200)
            _ = try await sandbox.control(.put, "users/bob/status", ["status": "Disabled"])
            try await sandbox.setPreferences(["maxPasswordFailures": 2])
            _ = try await sandbox.control(.patch, "client", ["access_token_ttl": 60, "redirect_uris": []])
            _ = try await sandbox.control(.put, "settings", ["wrong_password_shape": "bare"])
            _ = try await sandbox.control(.post, "faults", ["endpoints": ["E22"], "action": "reset"])
            _ = try await sandbox.control(.put, "client/secret", ["secret": "another"])
            _ = try await sandbox.control(.post, "clock/advance", ["seconds": 600])

            let answer = try await sandbox.control(.post, "reset")
            #expect(answer.status == 200)
            #expect(answer["users"] == 2)
            #expect(try await sandbox.control(.get, "requests")["counts"] == [:])
            #expect(try await sandbox.control(.get, "clock")["offset_seconds"]?.number == 0)
            #expect(try await sandbox.control(.get, "faults")["faults"] == [])
            #expect(try await sandbox.control(.get, "settings")["wrong_password_shape"] == "symbolic")
            #expect(try await sandbox.control(.get, "preferences").text == preferences)
            #expect(try await sandbox.control(.get, "client").text == client)
            #expect(try await sandbox.outbox().isEmpty)
            #expect(try await sandbox.control(.get, "users/cid").status == 404)
            #expect(try await sandbox.control(.get, "users/bob")["user"]?["status"] == "Pending")
            let ann = try await sandbox.control(.get, "users/ann")
            #expect(ann["password_failures"] == 0)
            #expect(ann["user"]?["email"]?["email_verified"] == true)
            #expect(try await sandbox.token(credentials).status == 200)
            #expect(try await sandbox.login("ann", "x", token: token).status == 200)
            let old = try await sandbox.send(
                .post,
                "/cis/v1/auth/logout",
                headers: SandboxHarness.bearer(userToken)
            )
            #expect(old.status == 401)
        }
    }

    @Test func `can be repeated, and works without seed users`() async throws {
        try await SandboxHarness.run { sandbox in
            for _ in 1...2 {
                try await sandbox.createUser()
                #expect(try await sandbox.control(.post, "reset")["users"] == 0)
            }
        }
    }

    @Test func `goes back to the redirect URIs that the server was started with`() async throws {
        try await Persistence.withDirectory { directory in
            try await RunningServer.run(in: "\(directory)/state") {
                $0.isSecure = false
                $0.redirectURIs = ["http://localhost:3000/a", "app.example:/b"]
            } _: { server in
                let control = try ControlClient(state: server.state)
                let uris: JSONValue = ["http://localhost:3000/a", "app.example:/b"]
                #expect(try await control.send("GET", "client")["redirect_uris"] == uris)
                _ = try await control.send("PATCH", "client", ["redirect_uris": []])
                _ = try await control.send("POST", "reset")
                #expect(try await control.send("GET", "client")["redirect_uris"] == uris)
            }
        }
    }
}

@Suite(.longTimeLimit)
struct `The commands and the state directory` {
    /// A directory with a description that would send secrets wherever it says.
    private static func withDescription(_ body: (StateDirectory) throws -> Void) async throws {
        try await Persistence.withDirectory { directory in
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory)
            let state = StateDirectory(path: directory)
            let description: JSONValue = [
                "base_url": "http://127.0.0.1:1/cis", "token_url": "http://127.0.0.1:1/oidc/token",
                "jwks_url": "http://127.0.0.1:1/cis/oidc/jwks", "issuer": "https://mosaic-sandbox.invalid",
                "client_id": "c", "client_secret_file": "s", "app_id": "a", "tenant_id": "t",
                "admin_url": "http://127.0.0.1:1/_sandbox", "admin_token": "x", "pid": 1,
            ]
            try PrivateFile.replace(atPath: state.descriptionFile, with: description.text)
            try body(state)
        }
    }

    @Test func `a description of the user's own, or of root's, is taken`() async throws {
        try await Self.withDescription { state in
            let description = try state.runningSandbox()
            #expect(description.clientID == "c")
        }
    }

    @Test func `a directory or description that others may write to is not`() async throws {
        try await Self.withDescription { state in
            for path in [state.path, state.descriptionFile] {
                let old = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
                try FileManager.default.setAttributes([.posixPermissions: old | 0o022], ofItemAtPath: path)
                let error = #expect(throws: PrivateFile.Failure.self) { try state.runningSandbox() }
                #expect(error?.description.contains(path) == true)
                try FileManager.default.setAttributes([.posixPermissions: old], ofItemAtPath: path)
            }
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away"))
    func `a directory or description of another user's is not`() async throws {
        try await Self.withDescription { state in
            for path in [state.descriptionFile, state.path] {
                try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
                let error = #expect(throws: PrivateFile.Failure.self) { try state.runningSandbox() }
                #expect(error?.description.contains("must belong to the user who runs this command") == true)
                try FileManager.default.setAttributes([.ownerAccountID: 0], ofItemAtPath: path)
            }
        }
    }

    @Test func `a link in place of the description is not followed`() async throws {
        try await Self.withDescription { state in
            try FileManager.default.moveItem(atPath: state.descriptionFile, toPath: "\(state.path)/real")
            try FileManager.default.createSymbolicLink(
                atPath: state.descriptionFile,
                withDestinationPath: "\(state.path)/real"
            )
            #expect(throws: PrivateFile.Failure.self) { try state.runningSandbox() }
        }
    }
}
