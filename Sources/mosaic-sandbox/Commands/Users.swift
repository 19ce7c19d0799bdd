import ArgumentParser
import Linux
import MosaicSandbox

/// `mosaic-sandbox users`.
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add, show and change users of the sandbox.",
        discussion: "USER is a user ID, username, email or phone number.",
        subcommands: [Add.self, Show.self, SetStatus.self, SetPassword.self, Unlock.self, Detach.self]
    )

    /// `users add FILE`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add users in the shape of --seed-user; prints each."
        )

        @OptionGroup var control: ControlOptions

        @Argument(help: "File with a user or an array of users; - reads stdin.")
        var file: String

        func run() async throws {
            guard let value = try? JSONValue(text: content(of: file)) else {
                throw CommandFailure("\(PathText.printable(file)): not readable or not JSON")
            }
            for user in value.elements ?? [value] {
                try printJSON(await control.send("POST", "users", user))
            }
        }
    }

    /// `users show USER`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a user as {user, password_failures, locked, locked_until}."
        )

        @OptionGroup var control: ControlOptions

        @Argument var user: String

        func run() async throws {
            try printJSON(await control.send("GET", "users/\(ControlClient.segment(user))"))
        }
    }

    /// `users set-status USER Disabled`.
    struct SetStatus: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set-status", abstract: "Set a user's state.")

        @OptionGroup var control: ControlOptions

        @Argument var user: String

        @Argument(help: "Active, Disabled or Pending.")
        var status: UserStatus

        func run() async throws {
            try printJSON(
                await control.send(
                    "PUT",
                    "users/\(ControlClient.segment(user))/status",
                    ["status": .string(status.rawValue)]
                )
            )
        }
    }

    /// `users set-password USER --inactive`.
    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password",
            abstract: "Switch a user's password authenticator on or off."
        )

        @OptionGroup var control: ControlOptions

        @Argument var user: String

        @Flag(inversion: .prefixedNo, help: "Whether the authenticator works.")
        var active: Bool

        func run() async throws {
            try printJSON(
                await control.send(
                    "PUT",
                    "users/\(ControlClient.segment(user))/password",
                    ["active": .boolean(active)]
                )
            )
        }
    }

    /// `users unlock USER`.
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget a user's failures and lock.")

        @OptionGroup var control: ControlOptions

        @Argument var user: String

        func run() async throws {
            try printJSON(await control.send("POST", "users/\(ControlClient.segment(user))/unlock"))
        }
    }

    /// `users detach USER`.
    struct Detach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a user out of the app; it stays in the tenant, so that creating it again attaches it."
        )

        @OptionGroup var control: ControlOptions

        @Argument var user: String

        func run() async throws {
            _ = try await control.send("POST", "users/\(ControlClient.segment(user))/detach")
        }
    }
}

extension UserStatus: ExpressibleByArgument {}
