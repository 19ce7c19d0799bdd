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
    /// The configuration in force.
    let serving = LiveConfiguration()
    private let load: @Sendable () throws(ConfigurationError) -> LoadedConfiguration
    private let make: ClientMaker
    private let assemble:
        @Sendable (LoadedConfiguration, [ManagedClient], ConfigurationReloader) -> ConfigurationSnapshot
    private let apply: @Sendable (DaemonSettings) -> Void
    private let forget: @Sendable (String) -> Void
    private let restartNeeded: @Sendable (DaemonSettings) -> [String]
    private let clients: ClientSupervisor
    private let notifier: ServiceNotifier
    private let observer: AgentObserver
    private let logger: Logger
    private let isChanging = Atomic(false)

    /// Makes a client, which does not run yet, with an access token to begin with.
    typealias ClientMaker = @Sendable (LoadedConfiguration.Client, ClientToken?) throws(AgentError) -> RunningClient

    /// Puts a first configuration in force, and changes it from then on.
    ///
    /// - Parameters:
    ///   - load: reads the configuration; blocks.
    ///   - assemble: makes a configuration from what was read and its clients.
    ///   - apply: puts in force what all calls share: limits and the log level.
    ///   - forget: has nothing kept over a restart for a client any more.
    ///   - restartNeeded: keys that have other values than those the agent started with and cannot change while it runs.
    ///   - clients: runs the clients.
    ///   - notifier: the service manager.
    ///   - observer: is told what comes of each change.
    init(
        first loaded: LoadedConfiguration,
        members: [ManagedClient],
        load: @escaping @Sendable () throws(ConfigurationError) -> LoadedConfiguration,
        make: @escaping ClientMaker,
        assemble:
            @escaping @Sendable (LoadedConfiguration, [ManagedClient], ConfigurationReloader) -> ConfigurationSnapshot,
        apply: @escaping @Sendable (DaemonSettings) -> Void,
        forget: @escaping @Sendable (String) -> Void,
        restartNeeded: @escaping @Sendable (DaemonSettings) -> [String],
        clients: ClientSupervisor,
        notifier: ServiceNotifier,
        observer: AgentObserver,
        logger: Logger
    ) {
        self.load = load
        self.make = make
        self.assemble = assemble
        self.apply = apply
        self.forget = forget
        self.restartNeeded = restartNeeded
        self.clients = clients
        self.notifier = notifier
        self.observer = observer
        self.logger = logger
        serving.replace(with: assemble(loaded, members, self), isReload: true)
    }

    /// Runs `change` unless another one is under way.
    func changing<Success: Sendable>(
        _ change: () async throws(CallFailure) -> Success
    ) async throws(CallFailure) -> Success {
        guard !isChanging.exchange(true, ordering: .acquiring) else {
            throw CallFailure(.overloaded, "another reload or rotation is under way; try again when it is over")
        }
        defer { isChanging.store(false, ordering: .releasing) }
        return try await change()
    }

    /// How long a reload waits for the service manager to hear of it.
    private static let noticeLimit = Duration.seconds(1)

    /// Reads the configuration again and puts it in force, or refuses it whole.
    func reload() async throws(CallFailure) -> DaemonReload.Result {
        try await changing { () async throws(CallFailure) in
            notifier.reloading(status: "Reading the configuration again")
            let result = await readAndReplace()
            // Also after a refusal: the service is up, by its old configuration.
            notifier.ready(status: serving.report.summary)
            // When "systemctl reload" returns, the manager is to know of its end. A manager that does not listen is not
            // waited for.
            await notifier.flush(within: Self.noticeLimit)
            return result
        }
    }

    private func readAndReplace() async -> DaemonReload.Result {
        let loaded: LoadedConfiguration
        do throws(ConfigurationError) {
            loaded = try await read()
        } catch {
            return refuse(error.problems)
        }
        let plan = ReloadPlan(from: serving.current.members, to: loaded.clients)
        let members: [ManagedClient]
        do throws(AgentError) {
            members = try await carryOut(plan)
        } catch {
            let file = loaded.files.first ?? ""
            return refuse([ConfigurationProblem(file: file, what: error.description)])
        }
        apply(loaded.configuration.daemon)
        serving.replace(with: assemble(loaded, members, self), isReload: true)
        for change in plan.changes where change.change == .removed { forget(change.client) }
        let keys = restartNeeded(loaded.configuration.daemon)
        log(plan, loaded: loaded, restartNeeded: keys)
        observer.configurationRead(problem: nil, restartNeeded: keys)
        return DaemonReload.Result(
            reloaded: true,
            problems: loaded.warnings.map { DaemonReload.Problem($0) },
            clients: plan.changes,
            restartNeeded: keys
        )
    }

    /// Reads on a thread of its own: names are looked up, which may take a directory server's time.
    private func read() async throws(ConfigurationError) -> LoadedConfiguration {
        do {
            return try await NIOThreadPool.singleton.runIfActive { [load] in try load() }
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(problems: [ConfigurationProblem(file: "", what: "the agent is stopping")])
        }
    }

    /// Makes and starts the clients that the plan asks for; all or none.
    private func carryOut(_ plan: ReloadPlan) async throws(AgentError) -> [ManagedClient] {
        var made: [RunningClient] = []
        var members: [ManagedClient] = []
        do throws(AgentError) {
            for step in plan.steps {
                switch step {
                case .keep(let member):
                    members.append(member)
                case .make(let source, let inUse, let rotated, let donor):
                    let client = try make(inUse, donor?.heldToken())
                    made.append(client)
                    members.append(ManagedClient(running: client, source: source, inUse: inUse, rotated: rotated))
                }
            }
            guard made.allSatisfy({ clients.add($0) }) else {
                throw AgentError(.unavailable, "the agent is stopping")
            }
            return members
        } catch {
            for client in made { await client.configured.service.shutdown() }
            throw error
        }
    }

    private func refuse(_ problems: [ConfigurationProblem]) -> DaemonReload.Result {
        for problem in problems {
            logger.error(
                "new configuration refused, old one stays in force",
                metadata: ["problem": "\(problem)", "file": "\(problem.file)", "line": "\(problem.line ?? 0)"]
            )
        }
        let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
        let summary = (problems.first?.description ?? "unknown") + more
        serving.refused(summary)
        observer.configurationRead(problem: summary)
        return DaemonReload.Result(reloaded: false, problems: problems.map { DaemonReload.Problem($0) })
    }

    private func log(_ plan: ReloadPlan, loaded: LoadedConfiguration, restartNeeded: [String]) {
        for warning in loaded.warnings {
            logger.warning("configuration warning", metadata: ["warning": "\(warning)"])
        }
        for key in restartNeeded {
            logger.warning(
                "changed setting takes a restart",
                metadata: ["key": "\(key)"]
            )
        }
        let changes = plan.changes.map { "\($0.client): \($0.change)" }.joined(separator: ", ")
        logger.notice("new configuration in force", metadata: ["clients": "\(changes)"])
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
        _ credential: Secret,
        _ deadline: ContinuousClock.Instant
    ) async throws(CallFailure) -> DaemonRotateCredential.Result {
        try await changing { () async throws(CallFailure) in
            let snapshot = serving.current
            var members = snapshot.members
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
            let client = try await start(inUse, deadline: deadline)
            let isReplaced = Self.replace(old.source.settings.secretSource, with: credential)
            let member = ManagedClient(
                running: client,
                source: isReplaced ? inUse : old.source,
                inUse: inUse,
                rotated: isReplaced ? nil : credential
            )
            members[index] = member
            serving.replace(with: assemble(snapshot.loaded, members, self), isReload: false)
            logger.notice(
                "client credential replaced",
                metadata: ["mosaic_client": "\(name)", "source_replaced": "\(isReplaced)"]
            )
            observer.events.publish(.credentialRotated) {
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
    private func start(
        _ client: LoadedConfiguration.Client,
        deadline: ContinuousClock.Instant
    ) async throws(CallFailure) -> RunningClient {
        let running: RunningClient
        do throws(AgentError) {
            running = try make(client, nil)
        } catch {
            throw CallFailure(.internal, error.description, outcome: .notSent)
        }
        guard clients.add(running) else {
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
