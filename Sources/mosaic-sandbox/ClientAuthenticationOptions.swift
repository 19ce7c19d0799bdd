import ArgumentParser
import Foundation
import Linux
import MosaicSandbox

/// The options of `mosaic-sandbox client` that say how the client proves who it is.
struct ClientAuthenticationOptions: ParsableArguments {
    enum Method: String, ExpressibleByArgument, CaseIterable {
        case clientSecret = "client_secret_basic"
        case privateKeyJWT = "private_key_jwt"
        case tlsClientAuth = "tls_client_auth"
        case selfSignedTLSClientAuth = "self_signed_tls_client_auth"
    }

    enum Answer: String, ExpressibleByArgument, CaseIterable {
        case yes
        case no
    }

    @Option(
        help: ArgumentHelp(
            "How the client authenticates from now on; no other way is accepted any more.",
            discussion: """
                client_secret_basic: the secret, in a Basic header or in the form. private_key_jwt: needs --jwks-file, or \
                --public-key-file and --key-id. tls_client_auth: needs --ca-file and --subject-dn. \
                self_signed_tls_client_auth: needs --certificate-file, or --jwks-file with x5c. What was registered \
                before is replaced.
                """,
            valueName: "method"
        )
    )
    var authMethod: Method?

    @Option(help: ArgumentHelp("Public keys: a JWKS document or a single JWK, RSA or P-256.", valueName: "file"))
    var jwksFile: String?

    @Option(help: ArgumentHelp("One public key in PEM instead; - reads stdin.", valueName: "file"))
    var publicKeyFile: String?

    @Option(help: ArgumentHelp("The kid of the key in --public-key-file.", valueName: "kid"))
    var keyID: String?

    @Option(help: ArgumentHelp("The CA's certificates in PEM; each is a trust anchor.", valueName: "file"))
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "Subject of the client's certificate, such as 'CN=agent,O=Example'.",
            discussion: "As 'openssl x509 -noout -subject -nameopt RFC2253' prints it, without 'subject='.",
            valueName: "name"
        )
    )
    var subjectDN: String?

    @Option(help: ArgumentHelp("The client's self-signed certificate in PEM.", valueName: "file"))
    var certificateFile: String?

    @Option(help: "Whether client tokens are bound to the certificate they were fetched with (default: no).")
    var certificateBound: Answer?

    @Option(
        help: ArgumentHelp(
            "Give the client a new secret, the content of this file without its line end; - reads stdin.",
            discussion: """
                The old secret stops working at once. The state directory's client.secret stays as it is until the \
                sandbox starts again with the same --database.
                """,
            valueName: "file"
        )
    )
    var newSecretFile: String?

    mutating func validate() throws {
        let depends: [(String, Bool)] = [
            ("--jwks-file", jwksFile != nil), ("--public-key-file", publicKeyFile != nil), ("--key-id", keyID != nil),
            ("--ca-file", caFile != nil), ("--subject-dn", subjectDN != nil),
            ("--certificate-file", certificateFile != nil), ("--certificate-bound", certificateBound != nil),
        ]
        if authMethod == nil, let first = depends.first(where: \.1) {
            throw ValidationError("\(first.0) needs --auth-method")
        }
    }

    /// Applies what was given; nil when nothing was.
    func apply(_ control: ControlOptions) async throws -> JSONValue? {
        if let newSecretFile {
            let secret = try Self.text(newSecretFile).trimmingCharacters(in: .newlines)
            _ = try await control.send("PUT", "client/secret", ["secret": .string(secret)])
        }
        guard let authMethod else {
            return newSecretFile == nil ? nil : try await control.send("GET", "client/authentication")
        }
        var body: [String: JSONValue] = ["method": .string(authMethod.rawValue)]
        if let jwksFile {
            guard let document = try? JSONValue(text: Data(try Self.text(jwksFile).utf8)), document.members != nil
            else {
                throw CommandFailure("\(PathText.printable(jwksFile)) is no JSON object")
            }
            body["jwks"] = document
        }
        if let publicKeyFile { body["public_key"] = .string(try Self.text(publicKeyFile)) }
        if let keyID { body["key_id"] = .string(keyID) }
        if let caFile { body["ca"] = .string(try Self.text(caFile)) }
        if let subjectDN { body["subject_dn"] = .string(subjectDN) }
        if let certificateFile { body["certificate"] = .string(try Self.text(certificateFile)) }
        if let certificateBound { body["certificate_bound"] = .boolean(certificateBound == .yes) }
        return try await control.send("PUT", "client/authentication", .object(body))
    }

    private static func text(_ path: String) throws -> String {
        guard let text = String(data: try content(of: path), encoding: .utf8) else {
            throw CommandFailure("cannot read \(PathText.printable(path)) as text")
        }
        return text
    }
}
