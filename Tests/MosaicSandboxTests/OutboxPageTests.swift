import Foundation
import HTTPTypes
import MosaicSandbox
import TestSupport
import Testing

@Suite(.longTimeLimit)
struct `Outbox page` {
    static let files = ["outbox.html", "outbox.css", "outbox.js"]

    @Test(arguments: files)
    func `its files tell nothing and allow nothing from elsewhere`(file: String) async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let before = try await sandbox.send(.get, "/_sandbox/\(file)")
            let subject = "<img src=x onerror=alert(1)>"
            let code = try await sandbox.code(["email_content": ["subject": .string(subject)]])
            let answer = try await sandbox.send(.get, "/_sandbox/\(file)")
            #expect(answer.status == 200)
            #expect(answer.text == before.text)
            #expect(!answer.text.contains(code))
            #expect(!answer.text.contains(sandbox.sandbox.adminToken))
            #expect(!answer.text.contains("//"), "no comment, no address of another machine")
            func header(_ name: String) throws -> String? { answer.headers[try #require(HTTPField.Name(name))] }
            let policy = try header("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("default-src 'none';"))
            #expect(!policy.contains("unsafe"))
            #expect(!policy.contains("*"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(try header("X-Content-Type-Options") == "nosniff")
            #expect(try header("Referrer-Policy") == "no-referrer")
            #expect(try header("Cache-Control") == "no-store")
        }
    }

    @Test func `the script makes no markup of texts`() async throws {
        try await SandboxHarness.run { sandbox in
            let script = try await sandbox.send(.get, "/_sandbox/outbox.js").text
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "setAttribute"] {
                #expect(!script.contains(word))
            }
            let page = try await sandbox.send(.get, "/_sandbox/outbox.html").text
            #expect(!page.contains("onclick") && !page.contains("style="))
        }
    }

    @Test func `messages are JSON that no browser takes for markup`() async throws {
        try await SandboxHarness.run { sandbox in
            try await sandbox.createReachableUser()
            let subject = "<script>alert(1)</script>"
            _ = try await sandbox.code(["email_content": ["subject": .string(subject)]])
            let answer = try await sandbox.control(.get, "outbox")
            #expect(answer.headers[.contentType] == "application/json; charset=utf-8")
            #expect(answer["messages"]?.elements?.first?["subject"]?.string == subject)
        }
    }
}
