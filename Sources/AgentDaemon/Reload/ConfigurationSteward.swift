import AgentProtocol
import ConfigurationFiles
import Logging
import MosaicAPI
import NIOPosix
import Synchronization
import Systemd

/// Changes the configuration in force: reads it again, and puts new credentials in place.
///
/// One change at a time. What can fail comes first; then everything is put in force at once.
final class ConfigurationSteward: Sendable {
    /// What a change needs.
    struct Means: Sendable {
        /// Reads the configuration; blocks.
        var load: @Sendable () throws(ConfigurationError) -> LoadedConfiguration
        /// Makes a client, which does not run yet.
        var make: @Sendable (LoadedConfiguration.Client, ClientToken?) throws(AgentError) -> RunningClient
        /// Makes a configuration from what was read and its clients.
        var assemble: @Sendable (LoadedConfiguration, [ClientMember]) -> ConfigurationGeneration
        /// Puts in force what all calls share: limits and the log level.
        var apply: @Sendable (DaemonSettings) -> Void
        /// Has nothing kept over a restart for a client any more.
        var forget: @Sendable (String) -> Void
        /// Keys that have other values than those the agent started with and cannot change while it runs.
        var restartNeeded: @Sendable (DaemonSettings) -> [String]
        /// Runs the clients.
        var roster: ClientRoster
        /// The service manager.
        var notifier: ServiceNotifier
        /// Is told what comes of each change.
        var observer = AgentObserver()
        /// The log.
        var logger: Logger
    }

    private struct State {
        var means: Means?
        var serving: ServingConfiguration?
        var isChanging = false
    }

    private let state = Mutex(State())

    /// A steward of nothing; handlers may have it already.
    init() {}

    /// Gives it what it looks after. Until then changes are refused.
    func attach(_ serving: ServingConfiguration, means: Means) {
        state.withLock { state in
            state.serving = serving
            state.means = means
        }
    }

    /// The configuration in force, once there is one.
    var serving: ServingConfiguration? { state.withLock { $0.serving } }

    /// Runs `change` unless another one is under way.
    func changing<Success: Sendable>(
        _ change: (ServingConfiguration, Means) async throws(CallFailure) -> Success
    ) async throws(CallFailure) -> Success {
        let (serving, means) = try begin()
        defer { state.withLock { $0.isChanging = false } }
        return try await change(serving, means)
    }

    private func begin() throws(CallFailure) -> (ServingConfiguration, Means) {
        let found: (ServingConfiguration, Means)?? = state.withLock { state in
            guard !state.isChanging else { return .none }
            guard let serving = state.serving, let means = state.means else { return .some(nil) }
            state.isChanging = true
            return .some((serving, means))
        }
        guard let found else {
            throw CallFailure(.overloaded, "another reload or rotation is under way; try again when it is over")
        }
        guard let found else { throw CallFailure(.shuttingDown, "the agent does not serve") }
        return found
    }

    /// How long a reload waits for the service manager to hear of it.
    private static let noticeLimit = Duration.seconds(1)

    /// Reads the configuration again and puts it in force, or refuses it whole.
    func reload() async throws(CallFailure) -> DaemonReload.Result {
        try await changing { serving, means throws(CallFailure) in
            means.notifier.reloading(status: "Reading the configuration again")
            let result = await Self.reload(serving, means)
            // Also after a refusal: the service is up, by its old configuration.
            means.notifier.ready(status: serving.report.summary)
            // When "systemctl reload" returns, the manager is to know of its end. A manager that does not listen is not
            // waited for.
            await means.notifier.settled(within: Self.noticeLimit)
            return result
        }
    }

    private static func reload(_ serving: ServingConfiguration, _ means: Means) async -> DaemonReload.Result {
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try await read(means)
        } catch {
            return refuse(error.problems, serving, means)
        }
        let plan = ReloadPlan(from: serving.current.members, to: loaded.clients)
        let members: [ClientMember]
        do throws(AgentError) {
            members = try await carryOut(plan, means)
        } catch {
            let file = loaded.files.first ?? ""
            return refuse([ConfigurationProblem(file: file, what: error.description)], serving, means)
        }
        means.apply(loaded.configuration.daemon)
        serving.replace(with: means.assemble(loaded, members), isReload: true)
        for change in plan.changes where change.change == .removed { means.forget(change.client) }
        let restartNeeded = means.restartNeeded(loaded.configuration.daemon)
        tell(plan, loaded: loaded, restartNeeded: restartNeeded, means)
        means.observer.configurationRead(problem: nil, restartNeeded: restartNeeded)
        return DaemonReload.Result(
            reloaded: true,
            problems: loaded.warnings.map { DaemonReload.Problem($0) },
            clients: plan.changes,
            restartNeeded: restartNeeded
        )
    }

    /// Reads on a thread of its own: names are looked up, which may take a directory server's time.
    private static func read(_ means: Means) async throws(ConfigurationError) -> LoadedConfiguration {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try means.load() }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(problems: [ConfigurationProblem(file: "", what: "the agent is stopping")])
        }
    }

    /// Makes and starts the clients that the plan asks for; all or none.
    private static func carryOut(_ plan: ReloadPlan, _ means: Means) async throws(AgentError) -> [ClientMember] {
        var made: [RunningClient] = []
        var members: [ClientMember] = []
        do throws(AgentError) {
            for step in plan.steps {
                switch step {
                case .keep(let member):
                    members.append(member)
                case .make(let source, let inUse, let rotated, let donor):
                    let client = try means.make(inUse, donor?.heldToken())
                    made.append(client)
                    members.append(ClientMember(running: client, source: source, inUse: inUse, rotated: rotated))
                }
            }
            guard made.allSatisfy({ means.roster.add($0) }) else {
                throw AgentError(.unavailable, "the agent is stopping")
            }
            return members
        } catch {
            for client in made { await client.configured.service.shutdown() }
            throw error
        }
    }

    private static func refuse(
        _ problems: [ConfigurationProblem],
        _ serving: ServingConfiguration,
        _ means: Means
    ) -> DaemonReload.Result {
        for problem in problems {
            means.logger.error(
                "The new configuration is refused, the old one stays in force",
                metadata: ["problem": "\(problem)", "file": "\(problem.file)", "line": "\(problem.line ?? 0)"]
            )
        }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        let summary = (problems.first?.description ?? "unknown") + more
        serving.refused(summary)
        means.observer.configurationRead(problem: summary)
        return DaemonReload.Result(reloaded: false, problems: problems.map { DaemonReload.Problem($0) })
    }

    private static func tell(
        _ plan: ReloadPlan,
        loaded: LoadedConfiguration,
        restartNeeded: [String],
        _ means: Means
    ) {
        for warning in loaded.warnings {
            means.logger.warning("The configuration should be looked at", metadata: ["warning": "\(warning)"])
        }
        for key in restartNeeded {
            means.logger.warning("A changed setting needs a restart to become effective", metadata: ["key": "\(key)"])
        }
        let changes = plan.changes.map { "\($0.client): \($0.change)" }.joined(separator: ", ")
        means.logger.notice("The new configuration is in force", metadata: ["clients": "\(changes)"])
    }
}

extension DaemonReload.Problem {
    fileprivate init(_ problem: ConfigurationProblem) {
        self.init(file: problem.file, line: problem.line, message: problem.description)
    }
}
