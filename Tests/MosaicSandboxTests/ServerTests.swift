import AsyncHTTPClient
import Foundation
import Logging
import MosaicSandbox
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceLifecycle
import TestSupport
import Testing

/// Runs the real server in a state directory until told to stop.
struct RunningServer: Sendable {
    let description: SandboxDescription
    let state: StateDirectory

    static func run(
        in directory: String,
        _ change: (inout SandboxServer.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (RunningServer) async throws -> Void
    ) async throws {
        var options = SandboxServer.Options()
        options.state = StateDirectory(path: directory)
        options.port = 0
        options.hashCost = .init(logarithmicRounds: 1)
        change(&options)
        let state = options.state
        let (descriptions, announce) = AsyncStream.makeStream(of: SandboxDescription.self)
        let server = SandboxServer(options, logger: SandboxHarness.logger)
        let group = ServiceGroup(
            services: [ServerService(server: server, announce: announce)],
            logger: SandboxHarness.logger
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                var iterator = descriptions.makeAsyncIterator()
                guard let description = await iterator.next() else { return }
                do {
                    try await body(RunningServer(description: description, state: state))
                } catch {
                    await group.triggerGracefulShutdown()
                    throw error
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }

    private struct ServerService: Service {
        let server: SandboxServer
        let announce: AsyncStream<SandboxDescription>.Continuation

        func run() async throws {
            defer { announce.finish() }
            try await server.run { announce.yield($0) }
        }
    }

    /// GETs a URL, trusting only the CA given.
    static func get(_ url: String, caFile: String?) async throws -> (status: Int, body: String) {
        var configuration = HTTPClient.Configuration()
        if let caFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(caFile)
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(10))
            let body = try await response.body.collect(upTo: 1 << 20)
            try await client.shutdown()
            return (Int(response.status.code), String(buffer: body))
        } catch {
            try await client.shutdown()
            throw error
        }
    }
}

@Suite(.longTimeLimit, .serialized)
struct `The server` {
    @Test func `serves https under its own CA, describes itself, and tidies up`() async throws {
        try await Persistence.withDirectory { directory in
            let state = "\(directory)/state"
            try await RunningServer.run(in: state) { server in
                let description = server.description
                #expect(description == (try server.state.runningSandbox()))
                #expect(description.baseURL.hasPrefix("https://127.0.0.1:"))
                #expect(description.baseURL.hasSuffix("/cis"))
                #expect(description.issuer == "https://mosaic-sandbox.invalid")
                let caFile = try #require(description.caFile)
                let answer = try await RunningServer.get(description.jwksURL, caFile: caFile)
                #expect(answer.status == 200)
                // The name localhost is in the certificate as well.
                let byName = description.jwksURL.replacing("127.0.0.1", with: "localhost")
                #expect(try await RunningServer.get(byName, caFile: caFile).status == 200)
                await #expect(throws: (any Error).self) {
                    try await RunningServer.get(description.jwksURL, caFile: nil)
                }
                let secret = try #require(FileManager.default.contents(atPath: description.clientSecretFile))
                #expect(!description.guide.contains(String(decoding: secret, as: UTF8.self)))
                #expect(
                    !String(decoding: try description.text, as: UTF8.self).contains(
                        String(decoding: secret, as: UTF8.self)
                    )
                )
                for file in [description.clientSecretFile, server.state.descriptionFile] {
                    #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
                }
                #expect(throws: StateDirectory.Failure.self) { _ = try server.state.claim() }
            }
            #expect(!FileManager.default.fileExists(atPath: "\(state)/sandbox.json"))
            #expect(FileManager.default.fileExists(atPath: "\(state)/ca.pem"))
        }
    }

    @Test func `serves plain http on request and obeys the control client`() async throws {
        try await Persistence.withDirectory { directory in
            try await RunningServer.run(in: directory) {
                $0.isSecure = false
            } _: { server in
                #expect(server.description.caFile == nil)
                #expect(server.description.guide.contains("InsecureHTTP=yes"))
                #expect(try await RunningServer.get(server.description.jwksURL, caFile: nil).status == 200)
                let control = try ControlClient(state: server.state)
                #expect(
                    try await control.send("POST", "clock/advance", ["seconds": 60])["offset_seconds"]?.number == 60
                )
                await #expect(throws: ControlClient.Failure.self) { _ = try await control.send("GET", "users/nobody") }
            }
        }
    }

    @Test func `the CA and the secret survive a restart with a database file`() async throws {
        try await Persistence.withDirectory { directory in
            let memory = Persistence.Memory()
            for name in ["first", "second"] {
                try await RunningServer.run(in: "\(directory)/state") {
                    $0.databasePath = "\(directory)/sandbox.db"
                } _: { server in
                    let caFile = try #require(server.description.caFile)
                    #expect(try await RunningServer.get(server.description.jwksURL, caFile: caFile).status == 200)
                    let files = [caFile, server.description.clientSecretFile]
                    let text = files.map {
                        String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self)
                    }
                    await memory.set(name, text.joined())
                }
            }
            let values = await memory.values
            #expect(values["first"] == values["second"])
            #expect(values["first"]?.contains("BEGIN CERTIFICATE") == true)
        }
    }

    @Test func `refuses to serve other machines`() async throws {
        try await Persistence.withDirectory { directory in
            for host in ["0.0.0.0", "::", "192.0.2.1", "example.com"] {
                await #expect(throws: SandboxServer.Failure.self) {
                    try await RunningServer.run(in: directory) {
                        $0.host = host
                    } _: { _ in
                        Issue.record("served on \(host)")
                    }
                }
            }
        }
    }

    @Test func `a state directory that others may write to is refused`() async throws {
        try await Persistence.withDirectory { directory in
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)
            #expect(throws: PrivateFile.Failure.self) { _ = try StateDirectory(path: directory).claim() }
        }
    }
}

@Suite struct `Seed files` {
    @Test func `one user or an array of users is read`() throws {
        let one = try SeedUser.read(Data(#"{"username":"ann","status":"Active"}"#.utf8), name: "f")
        #expect(one.count == 1)
        let two = try SeedUser.read(
            Data(#"[{"username":"ann"},{"email":"b@example.com","email_verified":true}]"#.utf8),
            name: "f"
        )
        #expect(two.count == 2)
    }

    @Test(arguments: [
        ("7", "f: not a JSON object"), ("{", "f: not a JSON object"), ("[7]", "f: user 1 is not a JSON object"),
        ("[{\"username\":\"a\"},{}]", "f: user 2: at least one of"),
        (#"{"username":"a","pasword":"x"}"#, "pasword is not a member"),
        (#"{"username":"a","status":"Gone"}"#, "status must be one of"),
        (#"{"username":"a","credentials":{"password":7}}"#, "credentials.password must be a string"),
    ])
    func `a wrong seed file is refused with the user and the member`(text: String, message: String) {
        let error = #expect(throws: SeedUser.Failure.self) { try SeedUser.read(Data(text.utf8), name: "f") }
        #expect(error?.description.contains(message) == true)
    }

    @Test func `a seed user that exists is left as it is`() async throws {
        try await SandboxHarness.run { sandbox in
            let users = try SeedUser.read(
                Data(#"{"username":"ann","credentials":{"password":"x","force_replace":false}}"#.utf8),
                name: "f"
            )
            #expect(try await sandbox.sandbox.seed(users) == 1)
            #expect(try await sandbox.sandbox.seed(users) == 0)
            #expect(try await sandbox.login("ann", "x").status == 200)
        }
    }
}
