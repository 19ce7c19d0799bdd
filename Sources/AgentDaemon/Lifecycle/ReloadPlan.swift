import AgentProtocol
import MosaicAPI
import Secrets

/// What a new configuration means for the clients: which go on, which are made anew, and where those take a token from.
struct ReloadPlan: Sendable {
    /// One client of the new configuration.
    enum Step: Sendable {
        /// Goes on as it is; the source is what the files say now.
        case keep(ManagedClient)
        /// Is made anew.
        case make(
            source: LoadedConfiguration.Client,
            inUse: LoadedConfiguration.Client,
            rotated: Secret?,
            tokenOf: RunningClient?
        )
    }

    /// One step for each client, in the order of the new configuration.
    let steps: [Step]
    /// What is told about it; the clients that are gone at the end.
    let changes: [DaemonReload.ClientChange]

    /// The plan for going from `old` to `new`.
    ///
    /// A credential that a rotation has put in place stays until its source says something new: else a reload would bring
    /// back the old one, which perhaps is good no more.
    init(from old: [ManagedClient], to new: [LoadedConfiguration.Client]) {
        let before = Dictionary(old.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var steps: [Step] = []
        var changes: [DaemonReload.ClientChange] = []
        for source in new {
            let name = source.settings.name
            let member = before[name]
            let isSourceSame = member?.source.authentication == source.authentication
            let inUse = isSourceSame ? source.authenticated(by: member?.inUse.authentication) : source
            let rotated = source.authentication == inUse.authentication ? nil : member?.rotated
            var change = DaemonReload.ClientChange(client: name, change: .added)
            if let member {
                change.change = member.inUse == inUse ? .kept : .changed
                if member.inUse == inUse {
                    steps.append(.keep(member.reread(as: source, inUse: inUse)))
                } else {
                    let donor = Self.isTokenGood(of: member.inUse, for: inUse) ? member.running : nil
                    steps.append(.make(source: source, inUse: inUse, rotated: rotated, tokenOf: donor))
                }
            } else {
                steps.append(.make(source: source, inUse: inUse, rotated: nil, tokenOf: nil))
            }
            change.rotatedCredential = source.authentication != inUse.authentication
            if case .credential = source.settings.secretSource { change.credentialFixed = isSourceSame }
            changes.append(change)
        }
        let names = Set(new.map(\.settings.name))
        changes += old.filter { !names.contains($0.name) }.map { .init(client: $0.name, change: .removed) }
        self.steps = steps
        self.changes = changes
    }

    /// Whether a token that was fetched as one client is one that the other would get.
    private static func isTokenGood(of one: LoadedConfiguration.Client, for other: LoadedConfiguration.Client) -> Bool {
        one.authentication == other.authentication && one.settings.clientID == other.settings.clientID
            && one.settings.endpoints.tokenURL == other.settings.endpoints.tokenURL
    }
}

extension ManagedClient {
    /// The same running client, when its source has been read again.
    fileprivate func reread(as source: LoadedConfiguration.Client, inUse: LoadedConfiguration.Client) -> ManagedClient {
        var member = self
        member.source = source
        member.inUse = inUse
        member.rotated = source.authentication == inUse.authentication ? nil : rotated
        return member
    }
}

extension LoadedConfiguration.Client {
    fileprivate func authenticated(by authentication: ClientAuthentication?) -> LoadedConfiguration.Client {
        authentication.map { authenticated(by: $0) } ?? self
    }
}

extension DaemonSettings {
    /// The keys that only a restart makes effective and that are not as they were at the start.
    ///
    /// Where systemd owns a socket, its path in the configuration means nothing.
    func restartNeeded(from start: DaemonSettings, isInherited: (ServedSocket) -> Bool) -> [String] {
        var keys: [String] = []
        if start.socket != socket, !isInherited(.main) { keys.append(DaemonKeys.socket.name) }
        if start.controlSocket != controlSocket, !isInherited(.control) {
            keys.append(DaemonKeys.controlSocket.name)
        }
        if start.credentialSocket != credentialSocket, !isInherited(.credential) {
            keys.append(DaemonKeys.credentialSocket.name)
        }
        if start.auditQueueSize != auditQueueSize { keys.append(DaemonKeys.auditQueueSize.name) }
        if start.throttleRecords != throttleRecords { keys.append(DaemonKeys.throttleRecords.name) }
        return keys
    }
}
