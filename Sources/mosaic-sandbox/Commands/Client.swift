import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox client`.
struct Client: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change the client's settings.",
        discussion: "Without options shows them as JSON; the secret is only in the state directory's client.secret."
    )

    @OptionGroup var control: ControlOptions
    @OptionGroup(title: "Authentication") var authentication: ClientAuthenticationOptions

    @Option(help: "Lifetime of access tokens in seconds.")
    var accessTokenTtl: UInt32?

    @Option(help: "Lifetime of backend sessions in seconds.")
    var sessionExpiration: UInt32?

    @Option(help: ArgumentHelp("Resource URI the client may ask for; replaces the list. Repeatable.", valueName: "uri"))
    var resource: [String] = []

    @Option(
        help: ArgumentHelp(
            "Redirect URI the client may name, compared as text; replaces the list. Repeatable.",
            valueName: "uri"
        )
    )
    var redirectUri: [String] = []

    @Option(
        help: ArgumentHelp(
            "Permissions of one assigned role, comma-separated; 'none' takes all roles away.",
            valueName: "permissions"
        )
    )
    var permissions: String?

    func run() async throws {
        var change: [String: JSONValue] = [:]
        if let accessTokenTtl { change["access_token_ttl"] = .integer(Int64(accessTokenTtl)) }
        if let sessionExpiration { change["session_expiration"] = .integer(Int64(sessionExpiration)) }
        if !resource.isEmpty { change["resources"] = .array(resource.map(JSONValue.string)) }
        if !redirectUri.isEmpty { change["redirect_uris"] = .array(redirectUri.map(JSONValue.string)) }
        if let permissions {
            let names = permissions.split(separator: ",").map { JSONValue.string(String($0)) }
            change["roles"] = permissions == "none" ? [] : [["name": "sandbox", "permissions": .array(names)]]
        }
        let applied = try await authentication.apply(control)
        if change.isEmpty, let applied {
            try printJSON(applied)
        } else if change.isEmpty {
            try printJSON(await control.send("GET", "client"))
        } else {
            try printJSON(await control.send("PATCH", "client", .object(change)))
        }
    }
}
