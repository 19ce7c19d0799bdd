import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What leaves the agent for Mosaic, method by method.
    @Suite struct UpstreamRequests {
        @Test func `every call becomes the request of the contract and nothing else`() async throws {
            try await UpstreamTestBed.with { world in
                for (number, call) in UpstreamCase.all.enumerated() {
                    world.mosaic.answer(
                        .respond(
                            call.status,
                            call.answer,
                            headers: ["Content-Type: application/json", "Set-Cookie: session=1; Path=/"]
                        )
                    )
                    // What is for the agent itself must not go further.
                    let meta =
                        #""meta":{"deadline_ms":20000,"trace_id":"trace-7","client":"default","#
                        + #""idempotency_key":"key-\#(number)"}"#
                    let params = "{" + meta + (call.params == "{}" ? "}" : "," + call.params.dropFirst())
                    let answer = try world.agent.ask(call.method, params)
                    #expect(answer["error"] == nil, "\(call.method) \(call.params)")
                    let requests = world.mosaic.takeCalls()
                    #expect(requests.count == 1, "\(call.method) \(call.params)")
                    for request in requests { try call.check(request) }
                }
                // All of them with one token.
                #expect(world.mosaic.tokenRequests.count == 1)
            }
        }

        @Test func `keys and tokens are fetched with the request of the contract, and kept`() async throws {
            try await UpstreamTestBed.with { world in
                let verify = try #require(UpstreamCase.kept.first { $0.method == "token.verify" })
                world.mosaic.answer(.respond(verify.status, verify.answer))
                for _ in 1...3 {
                    let answer = try world.agent.ask(verify.method, verify.params)
                    #expect(answer["result"]?["reason"]?.string == "unknown_key", "\(answer)")
                }
                let fetches = world.mosaic.takeCalls()
                #expect(fetches.count == 1)
                for request in fetches { try verify.check(request) }

                let get = try #require(UpstreamCase.kept.first { $0.method == "client_token.get" })
                for _ in 1...3 {
                    let answer = try world.agent.ask(get.method, get.params)
                    #expect(answer["result"]?["access_token"]?.string == MosaicRecorder.clientToken.dropLast() + "2")
                }
                let own = try world.agent.ask(get.method, #"{"min_valid_s":60}"#)
                #expect(own["result"]?["access_token"]?.string == MosaicRecorder.clientToken)
                // The first is that of the client itself, without a resource.
                #expect(world.mosaic.tokenRequests.count == 2)
                try get.check(try #require(world.mosaic.tokenRequests.last))
            }
        }

        @Test func `there is an expectation for every method that acts at Mosaic and for every parameter`() async throws
        {
            try await UpstreamTestBed.with { world in
                let document = try #require(try world.agent.ask("rpc.discover", "{}")["result"])
                let methods = try #require(document["methods"]?.array)
                let acting = try methods.filter { method in
                    let name = try #require(method["name"]?.string)
                    return !name.hasPrefix("system.") && name != "rpc.discover"
                }
                #expect(acting.count > 30)
                let cases = UpstreamCase.all + UpstreamCase.kept
                #expect(Set(acting.compactMap { $0["name"]?.string }) == Set(cases.map(\.method)))
                for method in acting {
                    let name = try #require(method["name"]?.string)
                    var described: Set<String> = []
                    for parameter in try #require(method["params"]?.array) where parameter["name"]?.string != "meta" {
                        let path = try #require(parameter["name"]?.string)
                        described.insert(path)
                        described.formUnion(Self.members(of: parameter["schema"], at: path, in: document["components"]))
                    }
                    let used = try cases.filter { $0.method == name }.reduce(into: Set<String>()) { used, call in
                        used.formUnion(Self.paths(in: try JSONTree(call.params)))
                    }
                    #expect(described.subtracting(used).isEmpty, "\(name)")
                }
            }
        }

        /// The paths of all members that a JSON schema describes.
        private static func members(
            of schema: JSONTree?,
            at path: String,
            in components: JSONTree?
        ) -> Set<String> {
            var paths: Set<String> = []
            let name = schema?["$ref"]?.string?.split(separator: "/").last.map { String($0) }
            let schema = name.map { components?["schemas"]?[$0] } ?? schema
            for (name, member) in schema?["properties"]?.object ?? [:] {
                paths.insert("\(path).\(name)")
                paths.formUnion(members(of: member, at: "\(path).\(name)", in: components))
            }
            return paths
        }

        /// The paths of all members of a value.
        private static func paths(in value: JSONTree, below path: String = "") -> Set<String> {
            var paths: Set<String> = []
            for (name, member) in value.object ?? [:] {
                paths.insert(path + name)
                paths.formUnion(self.paths(in: member, below: "\(path)\(name)."))
            }
            return paths
        }
    }
}
