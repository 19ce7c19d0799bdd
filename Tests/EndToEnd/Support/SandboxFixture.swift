import Foundation

/// A running mosaic-sandbox with a state directory and users of its own.
struct SandboxFixture: Sendable {
    /// The users every sandbox of these tests starts with, in the form that `--seed-user` reads.
    static let users = """
        [
          {"username": "alice", "email": "alice@example.com", "phone_number": "+16175550101",
           "credentials": {"password": "\(Passwords.alice)", "force_replace": false}},
          {"username": "temp", "email": "temp@example.com",
           "credentials": {"password": "\(Passwords.temporary)"}},
          {"username": "gone", "email": "gone@example.com", "status": "Disabled",
           "credentials": {"password": "\(Passwords.inactive)", "force_replace": false}}
        ]
        """

    /// What the sandbox says about itself in `sandbox.json`.
    struct Description: Decodable, Sendable {
        let base_url: String
        let token_url: String
        let jwks_url: String
        let issuer: String
        let ca_file: String?
        let client_id: String
        let client_secret_file: String
        let app_id: String
    }

    let state: String
    let description: Description
    let process: RunningProcess
    private let scratch: Scratch

    /// Starts a sandbox and returns once it serves.
    ///
    /// Unless `options` say otherwise, a password costs the least to hash that the sandbox allows: the usual cost is for
    /// guessing to be slow, and the code that hashes is slow enough where nothing is optimized.
    static func start(
        in scratch: Scratch,
        name: String = "mosaic-sandbox",
        users: String = users,
        options: [String] = []
    ) async throws -> Self {
        let state = scratch[name]
        let process = try RunningProcess(
            Binaries.mosaicSandbox,
            ["serve", "--port", "0", "--state", state, "--seed-user", "-"]
                + (options.contains("--hash-cost") ? [] : ["--hash-cost", "4"]) + options,
            input: users,
            label: name,
            in: scratch
        )
        let description = try await waitForDescription(state: state, process: process)
        return SandboxFixture(state: state, description: description, process: process, scratch: scratch)
    }

    private static func waitForDescription(state: String, process: RunningProcess) async throws -> Description {
        var data: Data?
        try await waitUntil("mosaic-sandbox writes sandbox.json") {
            guard process.isRunning else { throw HarnessFailure("mosaic-sandbox ended: \(process.error)") }
            data = FileManager.default.contents(atPath: "\(state)/sandbox.json")
            return data != nil
        }
        return try JSONDecoder().decode(Description.self, from: data ?? Data())
    }

    /// The client secret that the sandbox issued, for canary searches.
    func clientSecret() throws -> String {
        try String(contentsOfFile: description.client_secret_file, encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }

    /// Runs one of the sandbox's own commands, such as `revoke-tokens`, and returns what it printed.
    @discardableResult
    func control(_ arguments: String...) async throws -> String { try await control(arguments) }

    /// Runs one of the sandbox's own commands and returns what it printed.
    @discardableResult
    func control(_ arguments: [String]) async throws -> String {
        // A `--` ends the options, so that what follows may begin with a minus.
        let options = arguments.prefix { $0 != "--" }
        let outcome = try await RunningProcess.run(
            Binaries.mosaicSandbox,
            options + ["--state", state] + arguments[options.endIndex...],
            label: "control",
            in: scratch
        )
        guard outcome.status == 0 else {
            throw HarnessFailure("mosaic-sandbox \(arguments) exited \(outcome.status): \(outcome.error)")
        }
        return outcome.output
    }

    /// How many requests an endpoint, such as `E17`, has seen.
    func count(_ endpoint: String) async throws -> Int {
        let output = try await control("requests", "--count", endpoint)
        guard let count = Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw HarnessFailure("no count: \(output)")
        }
        return count
    }

    /// How many wrong passwords the emulator has counted for a user.
    func passwordFailures(of user: String) async throws -> Int {
        let shown = try JSONTree(try await control("users", "show", user))
        guard let count = shown["password_failures"]?.integer else { throw HarnessFailure("no failures: \(shown)") }
        return count
    }
}

/// The passwords of the seeded users, and one that nobody has. No other text of the tests contains them.
enum Passwords {
    static let alice = "Kanarienvogel-7-Alice!"
    static let temporary = "Kanarienvogel-7-Temporary!"
    static let inactive = "Kanarienvogel-7-Inactive!"
    static let wrong = "Kanarienvogel-7-Wrong!"
    static let all = [alice, temporary, inactive, wrong]
}
