import ArgumentParser
import Foundation
import MosaicSandbox

/// `mosaic-sandbox revoke-tokens`.
struct RevokeTokens: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke-tokens",
        abstract: "Revoke tokens that the sandbox gave out; prints {\"revoked\": N}."
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case client
        case user
        case reset
        case all
    }

    @OptionGroup var control: ControlOptions

    @Option(help: "Which tokens.")
    var kind = Kind.client

    @Option(help: ArgumentHelp("Only the token in this file; - reads stdin.", valueName: "file"))
    var tokenFile: String?

    func run() async throws {
        var body: [String: JSONValue] = ["kind": .string(kind.rawValue)]
        if let tokenFile {
            let token = String(decoding: try content(of: tokenFile), as: UTF8.self)
            body["token"] = .string(token.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        try printJSON(await control.send("POST", "tokens/revoke", .object(body)))
    }
}
