import Foundation
import StrictJSON
import TestSupport
import Testing

/// The commands about sessions and tokens, by what they send and what they show.
@Suite(.longTimeLimit) struct SessionCommandTests {
    struct Row: Sendable {
        var arguments: [String]
        var input = ""
        var method: String
        var params: String
        var result: String
        var status: Int32 = 0
        var shown: [String] = []
    }

    private static let tokens =
        #"{"access_token":"AT-canary","token_type":"Bearer","expires_in":60,"session_id":"SI-canary","#
        + #""refresh_token":"RT-canary","user_id":"u-1","amr":["pwd"]}"#

    static let rows: [Row] = [
        Row(
            arguments: [
                "session", "authenticate", "--session-stdin", "--resource", "r", "--organization", "o",
                "--ip-address", "192.0.2.7", "--device-id", "d",
            ],
            input: "sid\n",
            method: "session.authenticate",
            params:
                #"{"session_id":"sid","resource":"r","org_id":"o","client_attributes":{"ip_address":"192.0.2.7"},"device_id":"d"}"#,
            result: tokens,
            shown: ["u-1", "pwd"]
        ),
        Row(
            arguments: ["session", "logout", "--session-stdin"],
            input: "sid",
            method: "session.logout",
            params: #"{"session_id":"sid"}"#,
            result: "{}",
            shown: ["logged out"]
        ),
        Row(
            arguments: ["session", "list", "u1"],
            method: "session.list",
            params: #"{"user_id":"u1"}"#,
            result: #"{"sessions":[{"session_id":"SI-canary","start_time":"noon"}]}"#,
            shown: ["session 1", "noon"]
        ),
        Row(
            arguments: ["session", "revoke", "u1"],
            method: "session.revoke",
            params: #"{"user_id":"u1"}"#,
            result: "{}",
            shown: ["revoked"]
        ),
        Row(
            arguments: ["user", "logout", "--token-stdin"],
            input: "at",
            method: "user.logout",
            params: #"{"access_token":"at"}"#,
            result: #"{"sessions_count":2}"#,
            shown: ["2"]
        ),
        Row(
            arguments: ["token", "revoke", "--token-stdin", "--type", "refresh_token"],
            input: "rt",
            method: "token.revoke",
            params: #"{"token":"rt","token_type_hint":"refresh_token"}"#,
            result: "{}",
            shown: ["revoked"]
        ),
        Row(
            arguments: ["token", "verify", "--token-stdin", "--use", "access"],
            input: "t",
            method: "token.verify",
            params: #"{"token":"t","token_use":"access"}"#,
            result: #"{"valid":true,"claims":{"sub":"u-1"}}"#,
            shown: ["valid", "u-1"]
        ),
        Row(
            arguments: ["token", "verify", "--token-stdin", "--use", "id"],
            input: "t",
            method: "token.verify",
            params: #"{"token":"t","token_use":"id"}"#,
            result: #"{"valid":false,"reason":"expired"}"#,
            status: 1,
            shown: ["not valid", "expired"]
        ),
        Row(
            arguments: ["client-token", "--min-valid", "90"],
            method: "client_token.get",
            params: #"{"min_valid_s":90}"#,
            result: #"{"access_token":"AT-canary","token_type":"Bearer","expires_in":600}"#,
            shown: ["10 min"]
        ),
        Row(
            arguments: ["browser", "login", "a@b", "--type", "email", "--redirect-uri", "u", "--password-stdin"],
            input: "pw",
            method: "password.login",
            params: #"{"password":"pw","redirect_uri":"u","email":"a@b"}"#,
            result: #"{"verdict":"continue","url":"https://UR-canary"}"#,
            shown: ["continue"]
        ),
        Row(
            arguments: ["browser", "login", "a", "--redirect-uri", "u", "--password-stdin", "--require-mfa"],
            input: "pw",
            method: "password.login",
            params: #"{"password":"pw","redirect_uri":"u","username":"a","require_mfa":true}"#,
            result: #"{"verdict":"password_change_required","cause":"expired","reset_token":"XT-canary"}"#,
            status: 3,
            shown: ["expired"]
        ),
        Row(
            arguments: ["browser", "exchange", "--redirect-uri", "u", "--code-stdin"],
            input: "code",
            method: "code.exchange",
            params: #"{"code":"code","redirect_uri":"u"}"#,
            result: tokens,
            shown: ["u-1"]
        ),
        Row(
            arguments: ["browser", "exchange", "--legacy", "--code-stdin"],
            input: "code",
            method: "code.exchange",
            params: #"{"code":"code","legacy":true}"#,
            result: #"{"access_token":"AT-canary","is_user_created":true}"#,
            shown: ["yes"]
        ),
    ]

    @Test(arguments: rows)
    func `a command sends its parameters and keeps secrets to itself`(row: Row) async throws {
        try await FakeAgent.answering { request in
            let params = request["params"].map { String(decoding: $0.rawBytes, as: UTF8.self) }
            guard request["method"]?.string == row.method, params == row.params else {
                return Canned.error(-32603, "internal", outcome: "not_sent")
            }
            return #""result":\#(row.result)"#
        } _: { path in
            let text = try await Ctl.run(row.arguments, socket: path, input: row.input)
            #expect(text.status == row.status, "\(text.error)")
            for part in row.shown { #expect(text.output.contains(part), "\(text.output)") }
            let json = try await Ctl.run(row.arguments + ["--json"], socket: path, input: row.input)
            #expect(json.status == row.status)
            for output in [text.output, text.error, json.output, json.error] { #expect(!output.contains("canary")) }
            if row.result.contains("canary") {
                let open = try await Ctl.run(row.arguments + ["--show-tokens"], socket: path, input: row.input)
                #expect(open.output.contains("canary"))
            }
        }
    }

    @Test func `a new refresh token goes to a file of its owner alone, or to the screen`() async throws {
        try await FakeAgent.answering { request in
            request["params"]?["refresh_token"]?.string == "rt" && request["params"]?["kind"]?.string == "oidc"
                ? #""result":\#(Self.tokens)"# : Canned.error(-32603, "internal", outcome: "not_sent")
        } _: { path in
            let file = FileManager.default.temporaryDirectory.appending(component: "rt-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: file) }
            let command = ["token", "refresh", "--token-stdin", "--kind", "oidc"]
            let written = try await Ctl.run(command + ["--write-token", file], socket: path, input: "rt")
            #expect(written.status == 0 && written.output.contains("u-1"), "\(written.error)")
            #expect(!written.output.contains("canary") && !written.error.contains("canary"))
            #expect(FileManager.default.contents(atPath: file) == Data("RT-canary\n".utf8))
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let shown = try await Ctl.run(command + ["--show-tokens"], socket: path, input: "rt")
            #expect(shown.status == 0 && shown.output.contains("RT-canary"))
        }
    }

    @Test(arguments: [
        ["browser", "exchange", "--code-stdin"], ["browser", "exchange", "--legacy", "--redirect-uri", "u"],
        ["client-token", "--min-valid", "86401"], ["token", "verify", "--token-stdin"],
        ["session", "logout", "--session-stdin", "--session-file", "x"], ["session", "logout"],
        ["user", "logout", "--token-stdin", "--token-file", "x"],
        // The new refresh token would be lost.
        ["token", "refresh", "--token-stdin"],
    ])
    func `a wrong command line is told before anything is sent`(arguments: [String]) async throws {
        let outcome = try await Ctl.run(arguments, socket: "/nonexistent/socket")
        #expect(outcome.status == 64, "\(outcome.error)")
    }
}
