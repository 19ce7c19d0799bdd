import Foundation
import Testing

extension EndToEnd {
    /// What `daemon.watch` tells of connections and credentials, through real programs.
    @Suite struct WatchOccasions {
        private static func watch(_ world: TestBed, _ kind: String) throws -> LineSocket {
            let socket = try LineSocket(world.agent.controlSocket)
            try socket.sendLine(
                #"{"jsonrpc":"2.0","id":1,"method":"daemon.watch","params":{"events":["\#(kind)"]}}"#
            )
            #expect(try socket.readAnswer()["params"]?["kind"] == "watch_started")
            return socket
        }

        @Test func `a connection that is turned away is told, with whose it was and why`() async throws {
            try await TestBed.with(agent: AgentOptions(daemon: ["MaximumConnectionsPerUser=2"])) { world in
                let watch = try Self.watch(world, "connection_refused")
                let ping = #"{"jsonrpc":"2.0","id":1,"method":"system.ping"}"#
                let admitted = try (0..<2).map { _ in try LineSocket(world.agent.socket) }
                // Answered, so that they are counted before the next one comes.
                for connection in admitted { #expect(try connection.ask(ping)["result"] == [:]) }
                let refused = try LineSocket(world.agent.socket)
                let answer = try refused.readAnswer()
                #expect(answer["id"] == .null && answer["error"]?["data"]?["kind"] == "overloaded")
                #expect(try refused.readLine() == nil)
                let shape = Shape.members([
                    "watch": .equal(1), "time": .text, "kind": .equal("connection_refused"),
                    "connection": .members([
                        "socket": .equal("main"), "uid": .equal(.number(Double(getuid()))),
                        "pid": .equal(.number(Double(getpid()))), "reason": .equal("overloaded"),
                    ]),
                ])
                #expect(shape.problems(try watch.readAnswer()["params"], at: "params") == [])
                // Those that are there are served on.
                for connection in admitted { #expect(try connection.ask(ping)["result"] == [:]) }
            }
        }

        @Test func `a new credential is told once it is in use, and no part of it`() async throws {
            try await TestBed.with { world in
                let watch = try Self.watch(world, "credential_rotated")
                func rotate(_ secret: String) throws -> JSONTree {
                    let params: JSONTree = ["client": "default", "client_secret": .string(secret)]
                    return try world.agent.askControl("daemon.rotate_credential", try params.text)
                }
                // One that Mosaic refuses changes nothing, so there is nothing to tell.
                let refused = try rotate(String(repeating: "canary-0", count: 5))
                #expect(refused["error"]?["data"]?["kind"] == "credential_rejected", "\(refused)")
                let secret = String(repeating: "canary-1", count: 5)
                try await SandboxControl(world.sandbox).send("PUT", "client/secret", ["secret": .string(secret)])
                let rotated = try rotate(secret)
                #expect(rotated["result"]?["client"] == "default", "\(rotated)")
                let line = try #require(try watch.readLine())
                #expect(!line.contains("canary"))
                let shape = Shape.members([
                    "watch": .equal(1), "time": .text, "kind": .equal("credential_rotated"),
                    "credential": .members([
                        "client": .equal("default"),
                        "source_replaced": .equal(rotated["result"]?["source_replaced"] ?? .null),
                    ]),
                ])
                #expect(shape.problems(try JSONTree(line)["params"], at: "params") == [])
                #expect(try world.agent.authenticate("alice", Passwords.alice)["result"]?["verdict"] == "granted")
            }
        }
    }
}
