import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Outbox` {
    @Test func `messages are listed newest first, by recipient, after a number, and forgotten`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            _ = try await sandbox.code()
            _ = try await sandbox.code(["channel": "sms"])
            _ = try await sandbox.code()
            let all = try await sandbox.outbox()
            #expect(all.map { $0["id"] } == [3, 2, 1])
            #expect(try await sandbox.outbox("?to=ANN%40example.com").map { $0["id"] } == [3, 1])
            #expect(try await sandbox.outbox("?to=%2B16175551212").map { $0["id"] } == [2])
            #expect(try await sandbox.outbox("?after=2").map { $0["id"] } == [3])
            #expect(try await sandbox.outbox("?limit=1").map { $0["id"] } == [3])
            #expect(try await sandbox.outbox("?to=nobody%40example.com").isEmpty)
            #expect(try await sandbox.control(.delete, "outbox")["cleared"] == 3)
            #expect(try await sandbox.outbox().isEmpty)
            _ = try await sandbox.code()
            #expect(try await sandbox.outbox().map { $0["id"] } == [4])
        }
    }

    @Test func `it needs the token and sane numbers`() async throws {
        try await SandboxHarness.run { sandbox in
            let bare = try await sandbox.send(.get, "/_sandbox/outbox")
            #expect(bare.status == 401)
            for query in ["after=x", "after=-1", "limit=0", "limit=501", "wait=61", "wait=nan"] {
                #expect(try await sandbox.control(.get, "outbox?\(query)").status == 400)
            }
        }
    }

    @Test func `a waiting reader gets the message as soon as it is sent`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            try await withThrowingTaskGroup { group in
                group.addTask {
                    let found = try await sandbox.outbox("?wait=60&to=ann%40example.com")
                    #expect(found.count == 1)
                }
                // An SMS to another recipient does not end the wait; the mail does.
                _ = try await sandbox.code(["channel": "sms"])
                _ = try await sandbox.code()
                try await group.waitForAll()
            }
            #expect(try await sandbox.outbox("?wait=60&after=1").count == 1)
        }
    }

    @Test func `only the newest messages are kept`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let token = try await sandbox.clientToken()
            for _ in 0..<503 { _ = try await sandbox.sendCode(token: token) }
            let all = try await sandbox.outbox("?limit=500")
            #expect(all.count == 500)
            #expect(all.first?["id"] == 503)
            #expect(all.last?["id"] == 4)
        }
    }

    @Test func `messages and codes outlive a restart together`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "outbox-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await SandboxHarness.run(database: file) { sandbox in
            try await sandbox.createReachableUser()
            _ = try await sandbox.code()
        }
        try await SandboxHarness.run(database: file) { sandbox in
            let code = try #require(try await sandbox.outbox().first?["code"]?.string)
            #expect(try await sandbox.tryCode(code).status == 200)
        }
    }

    @Test(
        arguments: [
            ["email_otp": ["codeLength": 9]], ["email_otp": ["maxFailures": 0]], ["sms": ["expiresIn": 0]],
            ["sms": ["lockoutDuration": 0]], ["email": ["linksPerUser": 0]], ["email": ["expiresIn": .null]],
            ["email": ["expiresIn": "5"]], ["password": ["codeLength": 3]],
        ] as [JSONValue]
    )
    func `settings out of range are refused`(change: JSONValue) async throws {
        try await SandboxHarness.run { sandbox in
            let answer = try await sandbox.control(.patch, "preferences", change)
            #expect(answer.status == 400)
            #expect(answer.message?.contains(change.members?.keys.first ?? "?") == true)
        }
    }
}
