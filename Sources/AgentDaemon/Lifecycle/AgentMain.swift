import ConfigurationFiles
import Glibc
import Linux
import Systemd

/// What the program `mosaicd` does, but for its command line.
package enum AgentMain {
    /// The main configuration file when the command line names none.
    package static let defaultConfigurationPath = ConfigurationLoader.defaultPath

    /// The signals that the agent takes: SIGHUP to reload, the others to stop.
    private static let signals = [SIGHUP, SIGINT, SIGTERM]

    /// The signals that would end it and mean nothing to it: those of timers, limits and descriptors that others may have set
    /// up, and SIGPIPE, of a reader of its standard error that goes away.
    private static let ignoredSignals = [
        SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGXCPU, SIGIO, SIGSTKFLT, SIGPWR,
    ]

    /// Sets up what signals do. Call it first in the program: one that comes during the start is obeyed when the agent serves
    /// (``HangupService``), and none ends it that it knows nothing of.
    package static func takeSignals() {
        ProcessSignals.note(signals)
        ProcessSignals.ignore(ignoredSignals)
    }

    /// Runs the agent until a signal stops it. ``takeSignals()`` was called before.
    ///
    /// - Parameter configurationPath: the main configuration file.
    /// - Returns: the exit status: 0 after a graceful stop, else that of ``AgentError/Kind``. What went wrong has been
    ///   written to standard error.
    package static func run(configurationPath: String) async -> Int32 {
        do throws(AgentError) {
            var environment = try AgentEnvironment.ofProcess()
            do throws(AgentError) {
                try harden()
                environment.memoryLock = ProcessHardening.lockMemory()
                let loader = ConfigurationLoader(path: configurationPath)
                try await Agent(configuration: load(loader), loader: loader, environment: environment).run()
            } catch {
                if error.kind == .configuration { BacklogRejecter.refuse(at: environment.descriptors) }
                throw error
            }
            return 0
        } catch {
            report(error)
            return error.kind.rawValue
        }
    }

    /// Reads the configuration and says what is wrong with it, for `--check-config`.
    ///
    /// - Returns: the text for standard output, and the exit status: 0, or 78 if the configuration cannot be used.
    package static func check(configurationPath: String) -> (output: String, exitCode: Int32) {
        ProcessSignals.restore(signals)
        let check = ConfigurationLoader(path: configurationPath, callerUnits: CallerUnits.problemHere).check()
        return (check.output, check.exitCode)
    }

    /// What the manual pages take from the program: all configuration keys, rights and exit statuses, as JSON.
    package static var reference: String {
        String(decoding: ManualReference.json, as: UTF8.self) + "\n"
    }

    private static func load(_ loader: ConfigurationLoader) throws(AgentError) -> LoadedConfiguration {
        do throws(ConfigurationError) {
            return try loader.load()
        } catch {
            throw AgentError(error)
        }
    }

    private static func harden() throws(AgentError) {
        do throws(SystemCallError) {
            try ProcessHardening.forbidCoreDumps()
            try ProcessHardening.raiseDescriptorLimit()
        } catch {
            throw AgentError(.system, "the process cannot be set up: \(error)")
        }
    }

    /// One line per problem; journald reads the priority from the prefix.
    private static func report(_ error: AgentError) {
        // A full pipe must not keep the agent from ending.
        let limit = Duration.seconds(1)
        let isPlain =
            switch LoggingTarget.detect() {
            case .stream(_, .plain): true
            case .stream(_, .priorityPrefixed), .journal: false
            }
        let lines = error.description.split(separator: "\n").map { "\(isPlain ? "mosaicd: " : "<3>")\($0)\n" }
        DescriptorOutput.write(Array(lines.joined().utf8), to: STDERR_FILENO, within: limit)
    }
}
