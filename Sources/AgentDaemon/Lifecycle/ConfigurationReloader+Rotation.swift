import AgentProtocol
import Logging
import MosaicAPI
import Secrets
import Systemd

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
