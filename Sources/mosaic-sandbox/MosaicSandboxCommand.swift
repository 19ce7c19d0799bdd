import ArgumentParser

/// `mosaic-sandbox`: a local stand-in for the Mosaic cloud, and the commands that control a running one.
@main
struct MosaicSandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mosaic-sandbox",
        abstract: "A local stand-in for the Transmit Security Mosaic cloud.",
        discussion: """
            'serve' runs it on the loopback interface; the other commands control a running one, found by its state directory. \
            Not to be confused with Mosaic's own sandbox region: nothing here leaves the machine.

            Exit status: 0 done, 1 failed, 64 wrong usage.
            """,
        subcommands: [
            Serve.self, Status.self, Requests.self, Clock.self, RevokeTokens.self, Faults.self, Settings.self,
            Users.self, Preferences.self, Client.self, OutboxCommand.self,
        ]
    )
}
