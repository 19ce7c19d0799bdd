import StrictJSON
import Synchronization
import TestSupport
import Testing

@Suite(.longTimeLimit) struct `mosaicctl preferences` {
    private static let present =
        #""result":{"app_id":"app","auth_methods":{"password":{"passwordMinLength":8,"message":{"from":"a","subject":"s"},"#
        + #""checkHibp":true},"google":{"clientSecret":"GS-canary"}}}"#

    /// Runs a command against an agent with these preferences, and keeps what was asked.
    private func run(_ arguments: [String], input: String = "") async throws -> (Ctl.Outcome, [JSONValue]) {
        let requests = Requests()
        let outcome = try await FakeAgent.answering { request in
            requests.add(request)
            return Self.present
        } _: { path in
            try await Ctl.run(["preferences"] + arguments, socket: path, input: input)
        }
        return (outcome, requests.all)
    }

    private final class Requests: Sendable {
        private let list = Mutex<[JSONValue]>([])
        func add(_ request: JSONValue) { list.withLock { $0.append(request) } }
        var all: [JSONValue] { list.withLock { $0 } }
    }

    @Test func `get shows the methods, but not what can be a provider's secret`() async throws {
        let (shown, requests) = try await run(["get", "--app-id", "app"])
        #expect(shown.status == 0 && requests.map { $0["method"]?.string } == ["preferences.get"])
        #expect(requests.first?["params"]?["app_id"]?.string == "app")
        #expect(shown.output.contains("\"passwordMinLength\": 8") && !shown.output.contains("canary"))
        #expect(shown.error.contains("not shown: google"))
        let (whole, _) = try await run(["get", "--show-tokens", "--json"])
        #expect(try whole.json["result"]?["auth_methods"]?["google"]?["clientSecret"]?.string == "GS-canary")
    }

    @Test func `set merges the changes into the present settings and sends all of them`() async throws {
        let changes =
            ##"{"passwordMinLength":12,"message":{"subject":null,"primaryColor":"#fff"},"checkHibp":null,"##
            + #""requireMFA":true}"#
        let (outcome, requests) = try await run(["set", "password", changes])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(requests.map { $0["method"]?.string } == ["preferences.get", "preferences.update"])
        #expect(
            requests.last?["params"]?["password"]?.rawText.description
                == ##"{"passwordMinLength":12,"message":{"from":"a","primaryColor":"#fff"},"requireMFA":true}"##
        )
        #expect(requests.last?["params"]?["google"] == nil)
    }

    @Test func `set takes a method that is not set up yet, and whole settings with --replace`() async throws {
        let (_, fresh) = try await run(["set", "sms", "-"], input: #"{"codeLength":6,"x":null}"#)
        #expect(fresh.last?["params"]?["sms"]?.rawText.description == #"{"codeLength":6}"#)
        let (_, whole) = try await run(["set", "password", "--replace", #"{"a": null}"#])
        #expect(whole.map { $0["method"]?.string } == ["preferences.update"])
        #expect(whole.first?["params"]?["password"]?.rawText.description == #"{"a": null}"#)
    }

    @Test(arguments: [
        ["set", "face", "{}"], ["set", "password", "[]"], ["set", "password", "{"], ["set", "password"],
        ["set", "google", "{}"], ["get", "extra"], [],
    ])
    func `a wrong command line asks nothing of the agent`(arguments: [String]) async throws {
        let (outcome, requests) = try await run(arguments)
        #expect(outcome.status == 64 && requests.isEmpty && !outcome.error.isEmpty, "\(outcome.error)")
    }
}
