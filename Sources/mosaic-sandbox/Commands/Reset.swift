import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox reset`.
struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Begin again: users, settings, clock, faults, outbox and counts as 'serve' began; prints {\"users\": N}.",
        discussion: """
            The seed users are there as at the start, all other users, sessions, codes and messages are gone. The client \
            keeps its ID and has its settings and secret of the start; its access tokens stay good, and so do keys and CA.
            """
    )

    @OptionGroup var control: ControlOptions

    func run() async throws { try printJSON(await control.send("POST", "reset")) }
}
