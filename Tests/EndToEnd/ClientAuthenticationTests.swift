import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The five ways in which the agent proves who it is, and what comes of a proof that is none.
    @Suite struct ClientAuthentication {
        private static func proofs() throws -> [ClientProof] {
            let authority = try TestIdentity("authority", isAuthority: true)
            return [
                .secretPost, .secretBasic, .privateKey(try TestIdentity()),
                .privateKey(try TestIdentity(kind: .rsa2048)),
                .tls(try TestIdentity(issuer: authority), authority: authority),
                .tls(try TestIdentity(kind: .p384, issuer: authority), authority: authority, isBound: true),
                .selfSigned(try TestIdentity()), .selfSigned(try TestIdentity(kind: .rsa2048), isBound: true),
            ]
        }

        /// Runs `body` with an agent and an emulator at which the agent's proof is registered, or another.
        private static func with(
            _ proof: ClientProof,
            registered: ClientProof? = nil,
            more: [String] = [],
            access: String? = nil,
            _ body: (TestBed) async throws -> Void
        ) async throws {
            try await Scratch.with { scratch in
                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                try await (registered ?? proof).register(at: sandbox, in: scratch)
                var options = try proof.options(in: scratch, more: more)
                options.access = access
                let agent = try await AgentFixture.start(for: sandbox.description, in: scratch, options: options)
                defer { agent.process.killNow() }
                try await body(TestBed(scratch: scratch, sandbox: sandbox, agent: agent))
            }
        }

        @Test(arguments: try proofs())
        func `each way logs users in, and goes with every request in which the client proves itself`(
            proof: ClientProof
        ) async throws {
            let access = """
                [Access tests]
                Match=uid:\(getuid())
                Clients=default
                Allow=login token
                """
            try await Self.with(proof, access: access) { world in
                let login = try #require(try world.agent.authenticate("alice", Passwords.alice)["result"])
                #expect(login["verdict"]?.string == "granted")
                let status = try world.agent.askControl("daemon.status")
                #expect(status["result"]?["clients"]?[0]?["authentication"]?.string == proof.method)
                #expect(try await world.agent.ctl("health").status == 0)

                // Were an assertion sent twice, the emulator would refuse it.
                for _ in 1...3 {
                    let refreshed = try await world.agent.ctl("refresh-token")
                    #expect(refreshed.status == 0, "\(refreshed.error)")
                }
                let token = try #require(login["refresh_token"]?.string)
                let revoked = try world.agent.ask("token.revoke", #"{"token":"\#(token)"}"#)
                #expect(revoked["result"] != nil, "\(revoked)")
                #expect(try await world.sandbox.count("E4") == 1)

                _ = try await world.agent.process.terminate()
                let lines = proof.identity?.key.split(separator: "\n").filter { !$0.hasPrefix("-") } ?? []
                for line in lines { #expect(!world.agent.process.error.contains(line)) }
            }
        }

        /// An agent's proof where the emulator expects another.
        private struct Rejection: Sendable, CustomTestStringConvertible {
            let testDescription: String
            /// What the agent does.
            let proof: ClientProof
            /// What is registered.
            let registered: ClientProof
            /// Further lines of the client's section, without which the two would agree.
            var more: [String] = []
        }

        private static func refusals() throws -> [Rejection] {
            let (own, other) = (try TestIdentity(), try TestIdentity())
            let authority = try TestIdentity("authority", isAuthority: true)
            let issued = try TestIdentity(issuer: authority)
            let stranger = try TestIdentity("authority", isAuthority: true)
            let issuedProof = ClientProof.tls(issued, authority: authority)
            return [
                Rejection(testDescription: "wrong key", proof: .privateKey(own), registered: .privateKey(other)),
                Rejection(
                    testDescription: "wrong kid",
                    proof: .privateKey(own),
                    registered: .privateKey(own, keyID: "agent-2")
                ),
                Rejection(
                    testDescription: "wrong audience",
                    proof: .privateKey(own),
                    registered: .privateKey(own),
                    more: ["AssertionAudience=https://elsewhere.example/oidc/token"]
                ),
                Rejection(
                    testDescription: "certificate that is not registered",
                    proof: .selfSigned(own),
                    registered: .selfSigned(other)
                ),
                Rejection(
                    testDescription: "certificate of another authority of the same name",
                    proof: issuedProof,
                    registered: .tls(issued, authority: stranger)
                ),
                Rejection(
                    testDescription: "certificate for another subject",
                    proof: issuedProof,
                    registered: .tls(issued, authority: authority, subject: "CN=other")
                ),
                Rejection(
                    testDescription: "secret for a certificate",
                    proof: .secretPost,
                    registered: .selfSigned(own)
                ),
                Rejection(
                    testDescription: "secret for an issued certificate",
                    proof: .secretBasic,
                    registered: issuedProof
                ),
                Rejection(testDescription: "secret for a key", proof: .secretPost, registered: .privateKey(own)),
                Rejection(
                    testDescription: "key for a certificate",
                    proof: .privateKey(own),
                    registered: .selfSigned(own)
                ),
                Rejection(
                    testDescription: "certificate for a secret",
                    proof: .selfSigned(own),
                    registered: .secretPost
                ),
            ]
        }

        /// What health asks to be compared.
        private static func comparison(_ method: String) -> String {
            switch method {
            case "private_key_jwt": "Compare ClientID=, ClientKeyID=, the private key and AssertionAudience="
            case "tls_client_auth", "self_signed_tls_client_auth": "Compare ClientID= and the certificate"
            default: "Compare ClientID= and the secret"
            }
        }

        @Test(arguments: try refusals())
        private func `a wrong proof is credential_rejected until the right one is registered`(
            refusal: Rejection
        ) async throws {
            try await Self.with(refusal.proof, registered: refusal.registered, more: refusal.more) { world in
                let answer = try world.agent.authenticate("alice", Passwords.alice)
                #expect(answer["error"]?["code"]?.integer == 1103, "\(answer)")
                #expect(answer["error"]?["data"]?["kind"]?.string == "credential_rejected")
                #expect(answer["error"]?["data"]?["outcome"]?.string == "not_sent")
                let health = try await world.agent.ctl("health")
                #expect(health.status == 7, "\(health.output)")
                #expect(health.output.contains(Self.comparison(refusal.proof.method)), "\(health.output)")
                // Neither must a rejected credential become a hammer.
                for _ in 1...10 { _ = try world.agent.authenticate("alice", Passwords.alice) }
                #expect(try await world.sandbox.count("E1") <= 2)

                guard refusal.more.isEmpty else { return }
                try await refusal.proof.register(at: world.sandbox, in: world.scratch)
                #expect(try await world.agent.ctl("refresh-token").status == 0)
                let granted = try world.agent.authenticate("alice", Passwords.alice)
                #expect(granted["result"]?["verdict"]?.string == "granted")
                #expect(try await world.agent.ctl("health").status == 0)
            }
        }

        @Test func `a certificate that expires while it is used is told of before, and refused after`() async throws {
            let end = Date().addingTimeInterval(15)
            let identity = try TestIdentity(end: end)
            try await Self.with(.selfSigned(identity)) { world in
                let answer = try world.agent.authenticate("alice", Passwords.alice)
                #expect(answer["result"]?["verdict"]?.string == "granted")
                let early = try await world.agent.ctl("health")
                #expect(early.output.contains("The certificate expires on"), "\(early.output)")

                // The certificate holds whole seconds, and is good to the end of the last.
                try await waitUntil("the certificate expires") { Date() > end.addingTimeInterval(2) }
                #expect(try await world.agent.ctl("refresh-token").status == 7)
                let late = try await world.agent.ctl("health")
                #expect(late.output.contains("The certificate has expired on"), "\(late.output)")
                #expect(late.output.contains("Put a new one in its place"), "\(late.output)")
                #expect(late.output.contains("Mosaic refuses this client's credential"), "\(late.output)")

                let check = try await RunningProcess.run(
                    Binaries.mosaicd,
                    ["--config", world.agent.configuration, "--check-config"],
                    in: world.scratch
                )
                #expect(check.status == 78, "\(check.output)")
                #expect(check.output.contains("\(world.scratch["agent.crt"]) has expired: it was good until"))
            }
        }
    }
}
