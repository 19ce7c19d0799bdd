import ArgumentParser
import MosaicSandbox

/// `mosaic-sandbox clock`.
struct Clock: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read or move the sandbox's clock.",
        subcommands: [Show.self, Advance.self, Offset.self],
        defaultSubcommand: Show.self
    )

    /// `clock show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the sandbox's time and its offset.")

        @OptionGroup var control: ControlOptions

        func run() async throws { try printJSON(await control.send("GET", "clock")) }
    }

    /// `clock advance 15m`.
    struct Advance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Move the clock on.")

        @OptionGroup var control: ControlOptions

        @Argument(help: "How far: a number with s, m, h or d, such as 90s, 15m, 72h, 91d.")
        var duration: Span

        func run() async throws {
            try printJSON(await control.send("POST", "clock/advance", ["seconds": .number(duration.seconds)]))
        }
    }

    /// `clock offset 0s`.
    struct Offset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set how far the clock is ahead of the machine's; 0s brings it back."
        )

        @OptionGroup var control: ControlOptions

        @Argument(help: "The offset: a number with s, m, h or d; negative ones after --.")
        var duration: Span

        func run() async throws {
            try printJSON(await control.send("PUT", "clock", ["offset_seconds": .number(duration.seconds)]))
        }
    }
}

/// A span of time on the command line: a number and a unit.
struct Span: ExpressibleByArgument {
    let seconds: Double

    init?(argument: String) {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Double(argument.dropLast()), number.isFinite
        else { return nil }
        seconds = number * unit
    }
}
