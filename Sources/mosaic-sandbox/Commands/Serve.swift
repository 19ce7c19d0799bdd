import ArgumentParser
import Linux
import Logging
import MosaicSandbox
import Synchronization

/// `mosaic-sandbox serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the sandbox until SIGTERM or SIGINT.",
        discussion: """
            Writes ca.pem, client.secret (0600) and, when it serves, sandbox.json (0600) into the state directory, and prints \
            how to reach it. sandbox.json is removed on exit. Without --database everything is forgotten on exit.

            A seed user is JSON in the shape of POST /cis/v1/users (email, phone_number, username, credentials {password, \
            force_replace}, …) plus status (Active, Disabled, Pending), email_verified, phone_number_verified. Note that \
            force_replace defaults to true, which makes the password temporary. The password policy is not applied.
            """
    )

    @Option(help: "Loopback address to serve on: 127.0.0.1, ::1 or localhost.")
    var host = "127.0.0.1"

    @Option(help: "TCP port; 0 takes any free one.")
    var port: UInt16 = 8443

    @Flag(help: "Plain http instead of https.")
    var http = false

    @OptionGroup var control: ControlOptions

    @Option(help: ArgumentHelp("SQLite file to keep everything in.", valueName: "file"))
    var database: String?

    @Option(
        help: ArgumentHelp(
            "File with a user or an array of users to start with; - reads stdin. Repeatable.",
            valueName: "file"
        )
    )
    var seedUser: [String] = []

    @Option(
        help: ArgumentHelp(
            "Redirect URI the client may name, compared as text; replaces the list. Repeatable.",
            valueName: "uri"
        )
    )
    var redirectUri: [String] = []

    @Option(
        help: ArgumentHelp(
            "log2 of the rounds of a password hash, 4 to 20; 14 takes 16 MiB. Lower only for tests.",
            valueName: "n"
        )
    )
    var hashCost = PasswordHasher.Cost.standard.logarithmicRounds

    @Option(help: "Log level on stderr: trace, debug, info, notice, warning, error, critical.")
    var logLevel = "info"

    func validate() throws {
        guard (4...20).contains(hashCost) else { throw ValidationError("--hash-cost must be between 4 and 20") }
        if let uri = redirectUri.first(where: { !SandboxServer.Options.isRedirectURI($0) }) {
            throw ValidationError("--redirect-uri must be an absolute URI without fragment, not \(uri)")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level must be trace, debug, info, notice, warning, error or critical")
        }
        guard ["127.0.0.1", "::1", "localhost"].contains(host) else {
            throw ValidationError("--host must be 127.0.0.1, ::1 or localhost: the sandbox serves only this machine")
        }
    }

    func run() async throws {
        var options = SandboxServer.Options()
        options.host = host
        options.port = Int(port)
        options.isSecure = !http
        options.state = control.directory
        options.databasePath = database
        options.redirectURIs = redirectUri
        options.hashCost = PasswordHasher.Cost(logarithmicRounds: hashCost)
        var logger = Logger(label: "mosaic-sandbox", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let unwritten = Mutex<StandardOutput.Failure?>(nil)
        do {
            for file in seedUser {
                options.users += try SeedUser.read(
                    try content(of: file),
                    name: file == "-" ? "stdin" : PathText.printable(file)
                )
            }
            try await SandboxServer(options, logger: logger).run { description in
                do throws(StandardOutput.Failure) {
                    try StandardOutput.write(description.guide)
                } catch {
                    // A reader that has had enough is no reason to stop serving.
                    guard !error.isReaderGone else { return }
                    unwritten.withLock { $0 = error }
                    throw error
                }
            }
        } catch {
            throw CommandFailure(unwritten.withLock { $0 } ?? error)
        }
    }
}
