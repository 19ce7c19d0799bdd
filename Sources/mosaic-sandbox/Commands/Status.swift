import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox status`.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show clock, client, faults and request counts of a running sandbox as JSON."
    )

    @OptionGroup var control: ControlOptions

    func run() async throws {
        try printJSON(await control.send("GET", "status"))
    }
}
