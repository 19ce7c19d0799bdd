import ArgumentParser
import Foundation
import Linux
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

/// `mosaic-sandbox requests`.
struct Requests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what reached the sandbox.",
        discussion: """
            Prints JSON {counts: {E1: {total, 200, …}}, requests: [{sequence, time, endpoint, method, path, status, …}]}. \
            A status of 0 is a connection cut by a fault. With --count prints one number only.
            """
    )

    @OptionGroup var control: ControlOptions

    @Option(help: ArgumentHelp("Leave out requests up to this sequence number.", valueName: "sequence"))
    var after: UInt?

    @Option(help: ArgumentHelp("Print only how many requests this endpoint saw, e.g. E1.", valueName: "endpoint"))
    var count: String?

    @Option(help: "With --count: only those answered with this status.")
    var status: UInt?

    @Flag(help: "Set all counts to zero instead.")
    var clear = false

    func validate() throws {
        if let count, Endpoint(rawValue: count) == nil {
            throw ValidationError("--count must be one of \(Endpoint.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if status != nil && count == nil { throw ValidationError("--status needs --count") }
    }

    func run() async throws {
        if clear {
            _ = try await control.send("DELETE", "requests")
            return
        }
        let answer = try await control.send("GET", "requests" + (after.map { "?after=\($0)" } ?? ""))
        if let count {
            let number = answer["counts"]?[count]?[status.map(String.init) ?? "total"]?.integer ?? 0
            try StandardOutput.write("\(number)\n")
        } else {
            try printJSON(answer)
        }
    }
}

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
