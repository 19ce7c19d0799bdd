import MosaicAPI

/// How a client proves itself, in one line: what `--check-config` tells of each.
struct ClientSummary: CustomStringConvertible {
    let settings: ClientSettings
    /// The client with its files; nil when they could not be looked at, as without service credentials.
    let client: LoadedConfiguration.Client?

    var description: String {
        "Client \(settings.name): \(([settings.authenticationMethod.rawValue] + details).joined(separator: ", "))"
    }

    private var details: [String] {
        switch settings.authenticationMethod {
        case .clientSecretPost, .clientSecretBasic: ["secret from \(settings.secretSource)"]
        case .privateKeyJWT: [key] + assertion
        case .tlsClientAuth, .selfSignedTLSClientAuth: certificate + [key]
        }
    }

    private var key: String {
        guard case .privateKeyJWT(let assertion)? = client?.authentication else {
            return "key from \(settings.secretSource)"
        }
        return "\(assertion.algorithm) key from \(settings.secretSource)"
    }

    private var assertion: [String] {
        settings.assertion.map { ["kid \($0.keyID)", "audience \($0.audience)"] } ?? []
    }

    private var certificate: [String] {
        guard let source = settings.certificate?.source else { return [] }
        let validity = client?.authentication.certificate?.chain.validity
        return ["certificate from \(source)"] + (validity.map { ["good until \($0.endText)"] } ?? [])
    }
}
