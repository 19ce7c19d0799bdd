import ConfigurationFiles
import Foundation
import MosaicAPI
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct `Configuration of authentication by certificate` {
    private let scratch: ScratchDirectory
    private let identity: TestIdentity

    init() throws {
        scratch = try ScratchDirectory()
        identity = try TestIdentity()
    }

    private func loader(
        _ client: String,
        method: String = "tls_client_auth",
        _ variables: [String: String] = [:],
        day: Int64 = 0
    ) throws -> ConfigurationLoader {
        let lines = "ClientID=abc\nAuthentication=\(method)\n\(client)"
        try scratch.write("mosaicd.conf", soundText.replacing("ClientID=abc", with: lines))
        return ConfigurationLoader(
            path: scratch["mosaicd.conf"],
            environment: Environment(variables),
            names: SampleNames(),
            catalogue: .sample,
            wallClock: { WallClock.secondsSince1970() + day * 86_400 }
        )
    }

    /// The lines that name both files, which are written with this content.
    private func files(_ certificate: String? = nil, key: String? = nil) throws -> String {
        let certificate = try scratch.write("agent.crt", certificate ?? identity.certificate, mode: 0o644)
        return
            "ClientCertificateFile=\(certificate)\nClientKeyFile=\(try scratch.write("agent.key", key ?? identity.key))"
    }

    @Test(arguments: ["tls_client_auth", "self_signed_tls_client_auth"])
    func `takes key and certificate from files`(method: String) throws {
        let loaded = try loader(files(), method: method).load()
        #expect(loaded.warnings.isEmpty)
        let client = try #require(loaded.clients.first)
        #expect(client.authentication.name == method)
        #expect(client.transport.certificate == client.authentication.certificate)
        #expect(client.transport.certificate != nil)
        #expect(client.settings.certificate?.expiryWarning == .seconds(28 * 86_400))
    }

    @Test func `takes key and certificate from service credentials when no file is named`() throws {
        try scratch.makeDirectory("credentials")
        try scratch.write("credentials/default.key", identity.key)
        try scratch.write("credentials/default.crt", identity.certificate)
        let loaded = try loader("", ["CREDENTIALS_DIRECTORY": scratch["credentials"]]).load()
        #expect(loaded.clients.first?.authentication.certificate != nil)
        let output = try loader("").check().output
        for (key, name) in [("ClientCertificateFile", "default.crt"), ("ClientKeyFile", "default.key")] {
            #expect(output.contains("\(key)=: is not set: it is the service credential \(name), which"), "\(output)")
        }
        #expect(
            output.contains(
                "\nClient default: tls_client_auth, certificate from the service credential default.crt, key from the "
                    + "service credential default.key\n"
            )
        )
    }

    @Test func `tells what each client proves itself with`() throws {
        let lines = try files()
        let validity = try CertificateChain(pem: Array(identity.certificate.utf8)).validity
        let output = try loader(lines).check().output
        let expected =
            "Client default: tls_client_auth, certificate from \(scratch["agent.crt"]), good until \(validity.endText), "
            + "key from \(scratch["agent.key"])\nThe configuration is sound: 1 client, 1 access rule, 1 file.\n"
        #expect(output == expected)
    }

    /// Checks, and expects the refusal of one key with one reason, which shows nothing of the private key.
    private func expectRefusal(
        _ client: String,
        day: Int64 = 0,
        key: String,
        _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let check = try loader(client, day: day).check()
        #expect(check.exitCode == 78, sourceLocation: sourceLocation)
        #expect(
            check.output.contains("[Client default] \(key)=: \(what)"),
            "\(check.output)",
            sourceLocation: sourceLocation
        )
        for line in identity.key.split(separator: "\n") where !line.hasPrefix("-") {
            #expect(!check.output.contains(line), sourceLocation: sourceLocation)
        }
        #expect(throws: ConfigurationError.self, sourceLocation: sourceLocation) {
            try loader(client, day: day).load()
        }
    }

    @Test func `refuses a certificate out of its time, and says when that is`() throws {
        let lines = try files()
        let file = scratch["agent.crt"]
        try expectRefusal(lines, day: 91, key: "ClientCertificateFile", "\(file) has expired: it was good until 2")
        try expectRefusal(lines, day: -1, key: "ClientCertificateFile", "\(file) is not good before 2")
    }

    @Test func `refuses a key that is not the certificate's`() throws {
        let lines = try files(key: TestIdentity().key)
        try expectRefusal(
            lines,
            key: "ClientKeyFile",
            "\(scratch["agent.key"]) does not hold the key of the certificate in \(scratch["agent.crt"])"
        )
    }

    @Test func `refuses files that hold something else`() throws {
        let (certificate, key) = (scratch["agent.crt"], scratch["agent.key"])
        try expectRefusal(files("x"), key: "ClientCertificateFile", "\(certificate) holds no certificate in PEM form")
        try expectRefusal(
            files(identity.certificate + identity.key),
            key: "ClientCertificateFile",
            "\(certificate) holds a private key, which has no place in a file of certificates"
        )
        try expectRefusal(
            files(identity.certificate + TestIdentity("other").certificate),
            key: "ClientCertificateFile",
            "\(certificate) holds a certificate that is not the issuer of the one before it"
        )
        try expectRefusal(files(key: "x"), key: "ClientKeyFile", "\(key) holds no private key in PEM form")
        // What is wrong with both is told of both.
        let output = try loader(files("x", key: "x")).check().output
        #expect(output.contains("ClientCertificateFile=: ") && output.contains("ClientKeyFile=: "))
    }

    @Test func `refuses a key that others can read and a certificate that others can write`() throws {
        let lines = try files()
        try scratch.write("agent.key", identity.key, mode: 0o640)
        try expectRefusal(lines, key: "ClientKeyFile", "the private key cannot be taken from \(scratch["agent.key"]): ")
        let again = try files()
        try scratch.write("agent.crt", identity.certificate, mode: 0o666)
        try expectRefusal(again, key: "ClientCertificateFile", "\(scratch["agent.crt"]) can be written by others")
    }

    @Test func `refuses plain http, over which no certificate is shown`() throws {
        let lines = try files() + "\nBaseURL=http://127.0.0.1:80/cis\nInsecureHTTP=yes"
        let loader = try loader(lines)
        try scratch.write(
            "mosaicd.conf",
            String(contentsOfFile: scratch["mosaicd.conf"], encoding: .utf8).replacing("Region=eu\n", with: "")
        )
        let output = loader.check().output
        #expect(output.contains("Authentication=: is tls_client_auth, but over plain http no certificate"), "\(output)")
    }

    @Test func `warns before the end, as early as is said`() throws {
        let lines = try files()
        #expect(try loader(lines, day: 61).load().warnings.isEmpty)
        let warning = try #require(try loader(lines, day: 63).load().warnings.first)
        #expect(warning.key == "ClientCertificateFile" && warning.what.contains("expires soon: it is good until 2"))
        #expect(try loader(lines + "\nCertificateExpiryWarning=7d", day: 63).load().warnings.isEmpty)
        #expect(try loader(lines + "\nCertificateExpiryWarning=7d", day: 84).load().warnings.count == 1)
        #expect(try loader(lines + "\nCertificateExpiryWarning=0", day: 89).load().warnings.isEmpty)
    }

    @Test func `warns of keys that play no part`() throws {
        let lines = try files() + "\nClientSecretFile=/s\nClientKeyID=k\nAssertionAudience=https://a.example/t"
        #expect(
            try loader(lines).load().warnings.map(\.key) == ["ClientSecretFile", "ClientKeyID", "AssertionAudience"]
        )
        let (_, problems) = build(
            soundText.replacing(
                "ClientID=abc",
                with: "ClientID=abc\nClientCertificateFile=/c\nCertificateExpiryWarning=1d"
            )
        )
        #expect(problems.map(\.key) == ["ClientCertificateFile", "CertificateExpiryWarning"])
    }
}
