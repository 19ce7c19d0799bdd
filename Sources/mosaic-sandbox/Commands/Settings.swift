import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox settings`.
struct Settings: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show or change choices where the contract is silent.",
        discussion: "Without options shows them as JSON."
    )

    @OptionGroup var control: ControlOptions

    @Option(
        help: """
            How a wrong password is refused: symbolic (401 auth_invalid_credentials), symbolic_400, bare (401 that names \
            nothing), empty (401 without body).
            """
    )
    var wrongPasswordShape: SandboxSettings.WrongPasswordShape?

    func run() async throws {
        guard let wrongPasswordShape else {
            try printJSON(await control.send("GET", "settings"))
            return
        }
        try printJSON(
            try await control.send(
                "PUT",
                "settings",
                ["wrong_password_shape": .string(wrongPasswordShape.rawValue)]
            )
        )
    }
}

extension SandboxSettings.WrongPasswordShape: ExpressibleByArgument {}
