import AgentProtocol
import ConfigurationFiles
import Logging
import MosaicAPI
import NIOPosix
import Secrets
import Synchronization
import Systemd

/// Changes the configuration in force: reads it again, and puts new credentials in place.
///
/// One change at a time. What can fail comes first; then everything is put in force at once.
final class ConfigurationReloader: Sendable {
    /// What a change needs.
    struct Dependencies: Sendable {
        /// Reads the configuration; blocks.
        var load: @Sendable () throws(ConfigurationError) -> LoadedConfiguration
        /// Makes a client, which does not run yet.
        var make: @Sendable (LoadedConfiguration.Client, ClientToken?) throws(AgentError) -> RunningClient
        /// Makes a configuration from what was read and its clients.
        var assemble: @Sendable (LoadedConfiguration, [ManagedClient]) -> ConfigurationSnapshot
        /// Puts in force what all calls share: limits and the log level.
        var apply: @Sendable (DaemonSettings) -> Void
        /// Has nothing kept over a restart for a client any more.
        var forget: @Sendable (String) -> Void
        /// Keys that have other values than those the agent started with and cannot change while it runs.
        var restartNeeded: @Sendable (DaemonSettings) -> [String]
        /// Runs the clients.
        var roster: ClientSupervisor
        /// The service manager.
        var notifier: ServiceNotifier
        /// Is told what comes of each change.
        var observer = AgentObserver()
        /// The log.
        var logger: Logger
    }

    private struct State {
        var dependencies: Dependencies?
        var serving: LiveConfiguration?
        var isChanging = false
    }

    private let state = Mutex(State())

    /// A steward of nothing; handlers may have it already.
    init() {}

    /// Gives it what it looks after. Until then changes are refused.
    func attach(_ serving: LiveConfiguration, dependencies: Dependencies) {
        state.withLock { state in
            state.serving = serving
            state.dependencies = dependencies
        }
    }

    /// The configuration in force, once there is one.
    var serving: LiveConfiguration? { state.withLock { $0.serving } }

    /// Runs `change` unless another one is under way.
    func changing<Success: Sendable>(
        _ change: (LiveConfiguration, Dependencies) async throws(CallFailure) -> Success
    ) async throws(CallFailure) -> Success {
        let (serving, dependencies) = try begin()
        defer { state.withLock { $0.isChanging = false } }
        return try await change(serving, dependencies)
    }

    private func begin() throws(CallFailure) -> (LiveConfiguration, Dependencies) {
        let found: (LiveConfiguration, Dependencies)?? = state.withLock { state in
            guard !state.isChanging else { return .none }
            guard let serving = state.serving, let dependencies = state.dependencies else { return .some(nil) }
            state.isChanging = true
            return .some((serving, dependencies))
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
        try await changing { serving, dependencies throws(CallFailure) in
            dependencies.notifier.reloading(status: "Reading the configuration again")
            let result = await Self.reload(serving, dependencies)
            // Also after a refusal: the service is up, by its old configuration.
            dependencies.notifier.ready(status: serving.report.summary)
            // When "systemctl reload" returns, the manager is to know of its end. A manager that does not listen is not
            // waited for.
            await dependencies.notifier.flush(within: Self.noticeLimit)
            return result
        }
    }

    private static func reload(_ serving: LiveConfiguration, _ dependencies: Dependencies) async -> DaemonReload.Result
    {
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try await read(dependencies)
        } catch {
            return refuse(error.problems, serving, dependencies)
        }
        let plan = ReloadPlan(from: serving.current.members, to: loaded.clients)
        let members: [ManagedClient]
        do throws(AgentError) {
            members = try await carryOut(plan, dependencies)
        } catch {
            let file = loaded.files.first ?? ""
            return refuse([ConfigurationProblem(file: file, what: error.description)], serving, dependencies)
        }
        dependencies.apply(loaded.configuration.daemon)
        serving.replace(with: dependencies.assemble(loaded, members), isReload: true)
        for change in plan.changes where change.change == .removed { dependencies.forget(change.client) }
        let restartNeeded = dependencies.restartNeeded(loaded.configuration.daemon)
        log(plan, loaded: loaded, restartNeeded: restartNeeded, dependencies)
        dependencies.observer.configurationRead(problem: nil, restartNeeded: restartNeeded)
        return DaemonReload.Result(
            reloaded: true,
            problems: loaded.warnings.map { DaemonReload.Problem($0) },
            clients: plan.changes,
            restartNeeded: restartNeeded
        )
    }

    /// Reads on a thread of its own: names are looked up, which may take a directory server's time.
    private static func read(_ dependencies: Dependencies) async throws(ConfigurationError) -> LoadedConfiguration {
        do {
            return try await NIOThreadPool.singleton.runIfActive { try dependencies.load() }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(problems: [ConfigurationProblem(file: "", what: "the agent is stopping")])
        }
    }

    /// Makes and starts the clients that the plan asks for; all or none.
    private static func carryOut(
        _ plan: ReloadPlan,
        _ dependencies: Dependencies
    ) async throws(AgentError) -> [ManagedClient] {
        var made: [RunningClient] = []
        var members: [ManagedClient] = []
        do throws(AgentError) {
            for step in plan.steps {
                switch step {
                case .keep(let member):
                    members.append(member)
                case .make(let source, let inUse, let rotated, let donor):
                    let client = try dependencies.make(inUse, donor?.heldToken())
                    made.append(client)
                    members.append(ManagedClient(running: client, source: source, inUse: inUse, rotated: rotated))
                }
            }
            guard made.allSatisfy({ dependencies.roster.add($0) }) else {
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
        _ serving: LiveConfiguration,
        _ dependencies: Dependencies
    ) -> DaemonReload.Result {
        for problem in problems {
            dependencies.logger.error(
                "The new configuration is refused, the old one stays in force",
                metadata: ["problem": "\(problem)", "file": "\(problem.file)", "line": "\(problem.line ?? 0)"]
            )
        }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        let summary = (problems.first?.description ?? "unknown") + more
        serving.refused(summary)
        dependencies.observer.configurationRead(problem: summary)
        return DaemonReload.Result(reloaded: false, problems: problems.map { DaemonReload.Problem($0) })
    }

    private static func log(
        _ plan: ReloadPlan,
        loaded: LoadedConfiguration,
        restartNeeded: [String],
        _ dependencies: Dependencies
    ) {
        for warning in loaded.warnings {
            dependencies.logger.warning("The configuration should be looked at", metadata: ["warning": "\(warning)"])
        }
        for key in restartNeeded {
            dependencies.logger.warning(
                "A changed setting needs a restart to become effective",
                metadata: ["key": "\(key)"]
            )
        }
        let changes = plan.changes.map { "\($0.client): \($0.change)" }.joined(separator: ", ")
        dependencies.logger.notice("The new configuration is in force", metadata: ["clients": "\(changes)"])
    }
}

extension DaemonReload.Problem {
    fileprivate init(_ problem: ConfigurationProblem) {
        self.init(file: problem.file, line: problem.line, message: problem.description)
    }
}

extension ConfigurationReloader {
    /// Has a client prove itself with another credential, once Mosaic has given a token for it.
    func rotate(
        _ name: String,
        to credential: Secret,
        deadline: ContinuousClock.Instant
    ) async throws(CallFailure) -> DaemonRotateCredential.Result {
        try await changing { serving, dependencies throws(CallFailure) in
            let generation = serving.current
            var members = generation.members
            guard let index = members.firstIndex(where: { $0.name == name }) else {
                throw CallFailure(
                    .invalidParams,
                    "client must be one of: \(members.map(\.name).joined(separator: ", "))",
                    outcome: .notSent,
                    parameter: "client"
                )
            }
            let old = members[index]
            let inUse = try old.inUse.proved(by: credential)
            let client = try await Self.start(inUse, dependencies: dependencies, deadline: deadline)
            let isReplaced = Self.replace(old.source.settings.secretSource, with: credential)
            let member = ManagedClient(
                running: client,
                source: isReplaced ? inUse : old.source,
                inUse: inUse,
                rotated: isReplaced ? nil : credential
            )
            members[index] = member
            serving.replace(with: dependencies.assemble(generation.loaded, members), isReload: false)
            dependencies.logger.notice(
                "A client has a new credential",
                metadata: ["mosaic_client": "\(name)", "source_replaced": "\(isReplaced)"]
            )
            dependencies.observer.events.publish(.credentialRotated) {
                DaemonEvent.Details(DaemonEvent.Credential(client: name, sourceReplaced: isReplaced))
            }
            return DaemonRotateCredential.Result(
                client: name,
                source: member.credentialSource,
                sourceReplaced: isReplaced
            )
        }
    }

    /// Starts the client with its new credential; it is kept only if it gets a token.
    private static func start(
        _ client: LoadedConfiguration.Client,
        dependencies: Dependencies,
        deadline: ContinuousClock.Instant
    ) async throws(CallFailure) -> RunningClient {
        let running: RunningClient
        do throws(AgentError) {
            running = try dependencies.make(client, nil)
        } catch {
            throw CallFailure(.internal, error.description, outcome: .notSent)
        }
        guard dependencies.roster.add(running) else {
            await running.configured.service.shutdown()
            throw CallFailure(.shuttingDown, "the agent is stopping", outcome: .notSent)
        }
        do throws(APIFailure) {
            try await running.configured.service.refreshToken(deadline: deadline)
            return running
        } catch {
            running.stop()
            var failure = CallFailure(error)
            failure.message += "; the old credential stays in use"
            throw failure
        }
    }

    /// Puts the credential into its file, where the agent can write there; elsewhere its caller may.
    private static func replace(_ source: ClientSettings.SecretSource, with credential: Secret) -> Bool {
        guard case .file(let path) = source else { return false }
        do throws(SecretFileError) {
            try SecretFile.replace(path: path, with: credential)
            return true
        } catch {
            return false
        }
    }
}

extension LoadedConfiguration.Client {
    /// The same client with another credential for the same method.
    fileprivate func proved(by credential: Secret) throws(CallFailure) -> LoadedConfiguration.Client {
        switch authentication {
        case .clientSecretPost, .clientSecretBasic:
            if let flaw = ClientSecretFlaw(of: credential) {
                throw CallFailure(
                    .invalidParams,
                    "client_secret \(flaw); allowed: \(ClientSecretFlaw.allowed)",
                    outcome: .notSent,
                    parameter: "client_secret"
                )
            }
            if case .clientSecretBasic = authentication { return authenticated(by: .clientSecretBasic(credential)) }
            return authenticated(by: .clientSecretPost(credential))
        case .privateKeyJWT:
            guard let assertion = settings.assertion else { break }
            do {
                let key = try AssertionKey(pem: credential)
                return authenticated(
                    by: .privateKeyJWT(
                        ClientAssertion(key: key, keyID: assertion.keyID, audience: assertion.audience)
                    )
                )
            } catch {
                throw CallFailure(
                    .invalidParams,
                    "client_secret \(error)",
                    outcome: .notSent,
                    parameter: "client_secret"
                )
            }
        case .tlsClientAuth, .selfSignedTLSClientAuth: break
        }
        throw CallFailure(
            .invalidParams,
            "the client proves itself with \(authentication.name); replace its files and reload instead",
            outcome: .notSent,
            parameter: "client"
        )
    }
}
