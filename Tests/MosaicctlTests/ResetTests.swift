import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

@Suite(.longTimeLimit) struct ResetCommandTests {
    private static let granted =
        #""result":{"verdict":"granted","reset_token":"XT-canary","mfa_required":false}"#
    private static let redirect = ["--redirect-uri", "https://a"]

    /// Command lines with what they ask for.
    private static let calls: [([String], String, String)] = [
        (
            ["send-email-link", "ada", "--type", "username", "--ignore-mfa"] + redirect, "reset.send_email_link",
            #"{"redirect_uri":"https://a","username":"ada","ignore_mfa":true}"#
        ),
        (
            ["create-link", "a@b"] + redirect, "reset.create_link", #"{"redirect_uri":"https://a","email":"a@b"}"#
        ),
        (
            ["send-email-otp", "a@b", "--idempotency-key", "k"], "reset.send_email_otp",
            #"{"email":"a@b","meta":{"idempotency_key":"k"}}"#
        ),
        (["send-sms-otp", "+1"], "reset.send_sms_otp", #"{"phone_number":"+1"}"#),
        (
            ["verify-email-otp", "a@b", "--code-stdin"], "reset.verify_email_otp",
            #"{"email":"a@b","passcode":"input"}"#
        ),
        (
            ["verify-sms-otp", "+1", "--code-stdin"], "reset.verify_sms_otp",
            #"{"phone_number":"+1","passcode":"input"}"#
        ),
        (
            ["verify-password", "+1", "--type", "phone_number", "--password-stdin"], "reset.verify_password",
            #"{"password":"input","phone_number":"+1"}"#
        ),
    ]

    private static func answer(_ method: String?) -> String {
        switch method {
        case "reset.create_link": #""result":{"reset_link":"LT-canary"}"#
        case "reset.complete": #""result":{"message":"changed","url":"UT-canary"}"#
        default: method?.hasPrefix("reset.send") == true ? #""result":{"verdict":"accepted"}"# : granted
        }
    }

    @Test(arguments: calls)
    func `each command asks for its method and hides secrets`(
        arguments: [String],
        method: String,
        params: String
    ) async throws {
        let asked = Mutex<(method: String?, params: String?)>((nil, nil))
        try await FakeAgent.answering { request in
            asked.withLock { $0 = (request["method"]?.string, request["params"]?.rawText.description) }
            return Self.answer(request["method"]?.string)
        } _: { path in
            for json in [[], ["--json"]] {
                let outcome = try await Ctl.run(["reset"] + arguments + json, socket: path, input: "input\n")
                #expect(outcome.status == 0, "\(outcome.error)")
                #expect(!outcome.output.contains("canary"))
                #expect(asked.withLock { $0.method } == method)
                #expect(asked.withLock { $0.params } == params)
            }
        }
    }

    @Test func `a token goes from one command to the next in a file for its owner only`() async throws {
        let params = Mutex<String?>(nil)
        try await FakeAgent.inScratchDirectory { directory in
            try await FakeAgent.answering { request in
                params.withLock { $0 = request["params"]?.rawText.description }
                return Self.answer(request["method"]?.string)
            } _: { path in
                let token = directory + "/token"
                let verify = ["reset", "verify-email-otp", "a@b", "--code-stdin", "--write-token", token]
                for _ in 1...2 { #expect(try await Ctl.run(verify, socket: path, input: "1").status == 0) }
                #expect(try String(contentsOfFile: token, encoding: .utf8) == "XT-canary\n")
                let mode = try FileManager.default.attributesOfItem(atPath: token)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["token"])
                let complete = ["reset", "complete", "--token-file", token, "--password-stdin"]
                let done = try await Ctl.run(complete, socket: path, input: "new\n")
                #expect(done.status == 0 && done.output.contains("changed") && !done.output.contains("canary"))
                #expect(params.withLock { $0 } == #"{"reset_token":"XT-canary","new_password":"new"}"#)
                #expect(
                    try await Ctl.run(complete + ["--show-tokens"], socket: path, input: "n").output.contains(
                        "UT-canary"
                    )
                )
                let second = ["reset", "send-sms-otp", "+1", "--previous-token-file", token]
                #expect(try await Ctl.run(second, socket: path).status == 0)
                #expect(params.withLock { $0 } == #"{"phone_number":"+1","prev_reset_token":"XT-canary"}"#)
                let link = ["reset", "create-link", "a@b", "--redirect-uri", "https://a", "--write-link", token]
                #expect(try await Ctl.run(link, socket: path).status == 0)
                #expect(try String(contentsOfFile: token, encoding: .utf8) == "LT-canary\n")
            }
        }
    }

    @Test func `what is denied writes no token and exits with 1, what is rejected with 8`() async throws {
        try await FakeAgent.inScratchDirectory { directory in
            try await FakeAgent.answering { request in
                request["method"]?.string == "reset.complete"
                    ? #""error":{"code":1201,"message":"no","data":{"kind":"password_rejected","retryable":false,"#
                        + #""outcome":"refused","violations":[{"message":"Too short"}]}}"#
                    : Canned.denied
            } _: { path in
                let token = directory + "/token"
                let verify = ["reset", "verify-password", "ada", "--password-stdin", "--write-token", token]
                #expect(try await Ctl.run(verify, socket: path, input: "p").status == 1)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
                let complete = ["reset", "complete", "--token-stdin", "--password-file", "/dev/null"]
                #expect(try await Ctl.run(complete, socket: path, input: "t").status == 64)
                try "n".write(toFile: token, atomically: false, encoding: .utf8)
                let rejected = try await Ctl.run(
                    ["reset", "complete", "--token-stdin", "--password-file", token],
                    socket: path,
                    input: "t"
                )
                #expect(rejected.status == 8 && rejected.error.contains("Too short"), "\(rejected.error)")
            }
        }
    }

    @Test(arguments: [
        [], ["complete"], ["complete", "--token-stdin", "--token-file", "x"],
        ["complete", "--token-stdin", "--password-stdin"], ["send-email-link", "a@b"], ["send-email-otp"],
        ["send-email-link", "+1", "--type", "phone_number", "--redirect-uri", "r"],
        ["send-sms-otp", "+1", "--email-content", "x"], ["verify-email-otp", "a@b"],
        ["verify-email-otp", "a@b", "--code-stdin", "--write-token", "/nonexistent/token"],
    ])
    func `a wrong command line exits with 64 and says why`(arguments: [String]) async throws {
        let outcome = try await Ctl.run(["reset"] + arguments, socket: "/nonexistent/agent.sock", input: "x")
        #expect(outcome.status == 64 && !outcome.error.isEmpty && outcome.output.isEmpty, "\(outcome.error)")
    }
}
