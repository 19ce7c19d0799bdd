import Foundation
import Testing

extension EndToEnd {
    /// The keys and certificates that docs/credentials.md has made with openssl, used as it says.
    @Suite struct ReadmeCredentials {
        /// The blocks of shell commands, in the order of the page, and what they are for.
        private enum Recipe: Int, CaseIterable {
            case privateKey
            case selfSigned
            case issued

            var method: String {
                switch self {
                case .privateKey: "private_key_jwt"
                case .selfSigned: "self_signed_tls_client_auth"
                case .issued: "tls_client_auth"
                }
            }
        }

        /// What an authority does with a request.
        private static let signing = """
            umask 077
            openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -days 2 -keyout authority.key -out authority.crt
            openssl x509 -req -in default.csr -CA authority.crt -CAkey authority.key -CAcreateserial -days 1 \
                -extfile <(echo basicConstraints=critical,CA:FALSE) -out default.crt
            """

        @Test(arguments: Recipe.allCases)
        private func `the commands make what registers and logs in`(recipe: Recipe) async throws {
            let blocks = try Markdown.guide().blocks(in: "bash")
            try #require(blocks.count == Recipe.allCases.count)
            try await Scratch.with { scratch in
                let directory = scratch["credentials"]
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
                let commands = blocks[recipe.rawValue] + (recipe == .issued ? "\n" + Self.signing : "")
                let made = try await RunningProcess.run(
                    "/bin/bash",
                    ["-euo", "pipefail", "-c", "cd \(directory)\n" + commands],
                    label: "openssl",
                    in: scratch
                )
                try #require(made.status == 0, "\(made.output)\(made.error)")

                let sandbox = try await SandboxFixture.start(in: scratch)
                defer { sandbox.process.killNow() }
                var registration = ["client", "--auth-method", recipe.method]
                registration +=
                    recipe == .issued
                    ? ["--ca-file", "\(directory)/authority.crt", "--subject-dn", "CN=agent.example"]
                    : ["--jwks-file", "\(directory)/default.jwks"]
                try await sandbox.control(registration)

                var options = AgentOptions(authentication: recipe.method, hasSecret: false)
                if recipe == .privateKey { options.client = ["ClientKeyID=agent-1"] }
                let agent = try await AgentFixture.start(
                    for: sandbox.description,
                    in: scratch,
                    options: options,
                    credentials: directory
                )
                defer { agent.process.killNow() }
                let answer = try agent.authenticate("alice", Passwords.alice)
                #expect(answer["result"]?["verdict"]?.string == "granted", "\(answer)")
                try await Self.expectSummary(of: recipe, agent: agent, credentials: directory, in: scratch)
            }
        }

        /// Has the configuration checked as the service sees it.
        private static func expectSummary(
            of recipe: Recipe,
            agent: AgentFixture,
            credentials: String,
            in scratch: Scratch
        ) async throws {
            let check = try await RunningProcess.run(
                Binaries.mosaicd,
                ["--config", agent.configuration, "--check-config"],
                environment: ["CREDENTIALS_DIRECTORY": credentials],
                in: scratch
            )
            #expect(check.status == 0, "\(check.output)\(check.error)")
            let proof =
                recipe == .privateKey
                ? "RS256 key from the service credential default.key, kid agent-1, audience https://"
                : "certificate from the service credential default.crt, good until 2"
            #expect(check.output.contains("Client default: \(recipe.method), \(proof)"), "\(check.output)")
        }
    }
}
