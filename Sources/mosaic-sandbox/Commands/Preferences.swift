import ArgumentParser
import Foundation
import MosaicSandbox

/// `mosaic-sandbox preferences`.
struct Preferences: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change the app's login preferences.",
        discussion: """
            Without JSON shows them. JSON is merged member by member, such as '{"password": {"maxPasswordFailures": 3}}'; \
            null removes a setting, or a whole method with '{"password": null}'.
            """
    )

    @OptionGroup var control: ControlOptions

    @Argument(help: "The members to change.")
    var json: String?

    func run() async throws {
        guard let json else {
            try printJSON(await control.send("GET", "preferences"))
            return
        }
        guard let value = try? JSONValue(text: Data(json.utf8)), value.members != nil else {
            throw ValidationError("not a JSON object: \(json)")
        }
        try printJSON(await control.send("PATCH", "preferences", value))
    }
}
