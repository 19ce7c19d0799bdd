import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Each method that has a budget, with as small a one as there can be.
    @Suite struct Budgets {
        /// A method, and what a call of it about a user looks like.
        private struct Method: Sendable {
            let name: String
            let endpoint: String
            let budget: String
            let params: @Sendable (ConformanceCall.User) -> JSONTree
        }

        private static let methods: [Method] = {
            let wrong: JSONTree = "falsches-passwort"
            let uri = JSONTree.string(ConformanceCall.redirectURI)
            typealias Params = @Sendable (ConformanceCall.User) -> JSONTree
            func attempt(_ name: String, _ endpoint: String, _ params: @escaping Params) -> Method {
                Method(name: name, endpoint: endpoint, budget: "attempts", params: params)
            }
            func send(_ name: String, _ endpoint: String, _ params: @escaping Params) -> Method {
                Method(name: name, endpoint: endpoint, budget: "sends", params: params)
            }
            return [
                attempt("password.authenticate", "E17") { ["username": .string($0.username), "password": wrong] },
                attempt("password.login", "E5") {
                    ["username": .string($0.username), "password": wrong, "redirect_uri": uri]
                },
                attempt("otp.authenticate", "E21") {
                    ["identifier_type": "email", "identifier": .string($0.email), "passcode": "000000"]
                },
                attempt("reset.verify_email_otp", "E9") { ["email": .string($0.email), "passcode": "000000"] },
                attempt("reset.verify_sms_otp", "E11") {
                    ["phone_number": .string($0.phoneNumber), "passcode": "000000"]
                },
                attempt("reset.verify_password", "E12") { ["username": .string($0.username), "password": wrong] },
                attempt("password.check", "E14") { ["username": .string($0.username), "password": wrong] },
                send("otp.send", "E20") {
                    ["identifier_type": "email", "identifier": .string($0.email), "channel": "email"]
                },
                send("link.send", "E18") {
                    ["identifier_type": "email", "identifier": .string($0.email), "redirect_uri": uri]
                },
                send("reset.send_email_link", "E6") { ["email": .string($0.email), "redirect_uri": uri] },
                send("reset.send_email_otp", "E8") { ["email": .string($0.email)] },
                send("reset.send_sms_otp", "E10") { ["phone_number": .string($0.phoneNumber)] },
                send("reset.create_link", "E7") { ["email": .string($0.email), "redirect_uri": uri] },
            ]
        }()

        @Test func `of a known user and of an unknown one, one call is looked at and the next is not`() async throws {
            try await Self.with { call in
                for method in Self.methods {
                    var expected = try await call.sandbox.count(method.endpoint) + 2
                    for user in [try await call.user(), call.stranger()] {
                        let params = method.params(user)
                        let first = try call.stage.world.agent.ask(method.name, params.text)
                        #expect(first.kindOrVerdict != "throttled", "\(method.name): \(first)")
                        let second = try call.stage.world.agent.ask(method.name, params.text)
                        // Only a method that tells who is unknown refuses: nothing was sent, and it is given back.
                        if method.budget == "sends", first["error"]?["data"]?["outcome"]?.string == "refused" {
                            #expect(second.kindOrVerdict == first.kindOrVerdict, "\(method.name): \(second)")
                            expected += 1
                            continue
                        }
                        var refusal = ExpectedError("throttled", outcome: "not_sent")
                        refusal.isRetryable = true
                        refusal.wait = .count
                        #expect(refusal.problems(second, details: false) == [], "\(method.name): \(second)")
                    }
                    #expect(try await call.sandbox.count(method.endpoint) == expected, "\(method.name)")
                }
            }
        }

        @Test func `those are all that say so, and what names no user has none`() async throws {
            try await Self.with { call in
                let agent = call.stage.world.agent
                let described = try #require(try agent.ask("rpc.discover", "{}")["result"]?["methods"]?.array)
                let budgets = described.compactMap { method in
                    method["x-budget"]?.string.map { "\(method["name"]?.string ?? "") \($0)" }
                }
                #expect(Set(budgets) == Set(Self.methods.map { "\($0.name) \($0.budget)" }))
                for _ in 1...3 {
                    let link = try agent.ask("link.authenticate", #"{"code":"nobodys"}"#)
                    #expect(link.kindOrVerdict == "denied", "\(link)")
                    let check = try agent.ask("password.check", #"{"password":"falsches-passwort"}"#)
                    #expect(check["result"]?["valid_password"]?.boolean != nil, "\(check)")
                }
            }
        }

        /// A sandbox, and an agent that stands one failure, and one message a minute.
        private static func with(_ body: (ConformanceCall) async throws -> Void) async throws {
            let options = AgentOptions.throttled(
                ["AttemptBudget=1", "SendInterval=1min"],
                allow: "login reset reset-direct password-check"
            )
            try await TestBed.with(users: "[]", agent: options) { world in
                try await body(ConformanceCall(ConformanceBed(world), "default"))
            }
        }
    }
}
