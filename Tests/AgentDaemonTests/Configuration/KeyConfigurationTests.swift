import ConfigurationFiles
import Crypto
import MosaicAPI
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct `Configuration of private_key_jwt` {
    private let scratch: ScratchDirectory
    private let pem = P256.Signing.PrivateKey().pemRepresentation

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func loader(_ client: String, _ variables: [String: String] = [:]) throws -> ConfigurationLoader {
        let lines = "ClientID=abc\nAuthentication=private_key_jwt\nClientKeyID=agent-1\n\(client)"
        try scratch.write("mosaicd.conf", soundText.replacing("ClientID=abc", with: lines))
        return ConfigurationLoader(
            path: scratch["mosaicd.conf"],
            environment: Environment(variables),
            names: SampleNames(),
            catalogue: .sample
        )
    }

    @Test func `takes the key from a file, and the audience from the token endpoint`() throws {
        let file = try scratch.write("key", pem)
        let client = try #require(try loader("ClientKeyFile=\(file)").load().clients.first)
        #expect(client.authentication.name == "private_key_jwt")
        #expect(client.settings.assertion?.keyID == "agent-1")
        #expect(client.settings.assertion?.audience == MosaicEndpoints(region: .eu).tokenURL.description)
        let other = try loader("ClientKeyFile=\(file)\nAssertionAudience=https://a.example/t/").load()
        #expect(other.clients.first?.settings.assertion?.audience == "https://a.example/t/")
    }

    @Test func `takes the key from the service credential when no file is named`() throws {
        try scratch.makeDirectory("credentials")
        try scratch.write("credentials/default.key", pem)
        let loaded = try loader("", ["CREDENTIALS_DIRECTORY": scratch["credentials"]]).load()
        #expect(loaded.clients.first?.authentication.name == "private_key_jwt")
        let output = try loader("").check().output
        #expect(output.contains("ClientKeyFile=: is not set: it is the service credential default.key"), "\(output)")
    }

    @Test(arguments: [
        ("nothing", "holds no private key in PEM form"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\n", "holds an encrypted key"),
        ("-----BEGIN RSA PRIVATE KEY-----\n", "holds a key in an older form"),
        ("-----BEGIN PRIVATE KEY-----\nhunter2canary\n-----END PRIVATE KEY-----", "is damaged"),
    ])
    func `has the key looked at by the check, which never shows it`(text: String, what: String) throws {
        let file = try scratch.write("key", text)
        let check = try loader("ClientKeyFile=\(file)").check()
        #expect(check.exitCode == 78)
        #expect(check.output.contains("mosaicd.conf:6: [Client default] ClientKeyFile=: \(file) "), "\(check.output)")
        #expect(check.output.contains(what) && check.output.contains("; allowed: one private key"))
        #expect(!check.output.contains("hunter2"))
    }

    @Test func `warns of keys that play no part`() throws {
        let file = try scratch.write("key", pem)
        let secret = try scratch.write("secret", "x")
        let warnings = try loader("ClientKeyFile=\(file)\nClientSecretFile=\(secret)").load().warnings
        #expect(warnings.map(\.key) == ["ClientSecretFile"])
        #expect(warnings.first?.what == "plays no part with Authentication=private_key_jwt")
        let (_, problems) = build(
            soundText.replacing(
                "ClientID=abc",
                with: "ClientID=abc\nClientKeyFile=/k\nClientKeyID=k\nAssertionAudience=https://a.example/t"
            )
        )
        #expect(problems.map(\.key) == ["ClientKeyFile", "ClientKeyID", "AssertionAudience"])
        #expect(problems.allSatisfy { $0.severity == .warning && $0.what.contains("client_secret_post") })
    }
}
