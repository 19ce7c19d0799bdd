import ConfigurationFiles
import Glibc
import Linux
import Systemd

/// Where a client's secret or private key comes from, by the configuration as this command reads it itself.
///
/// The agent's word does not count here: it runs with fewer rights than this command, and a path that it names would be
/// written with all of them.
enum CredentialSource: Equatable {
    /// `ClientSecretFile=` or `ClientKeyFile=`.
    case file(String)
    /// A credential of the unit.
    case unit
    /// The configuration does not tell, for this reason.
    case unknown(String)

    /// Looks it up.
    init(ofClient client: String, configuration path: String) {
        let files = ConfigurationFiles(reading: path)
        let section = "Client \(client)"
        if let problem = files.problems.first(where: { $0.severity == .error }) {
            self = .unknown(problem.description)
        } else if !files.hasSection(section) {
            self = .unknown("\(PathText.printable(path)) has no section [\(section)]")
        } else {
            let usesKey =
                files.value(ofKey: "Authentication", in: section).map { !$0.hasPrefix("client_secret_") } ?? false
            let key = usesKey ? "ClientKeyFile" : "ClientSecretFile"
            self = files.value(ofKey: key, in: section).map { .file($0) } ?? .unit
        }
    }

    /// The user that the agent's service runs as, whose files the agent takes secrets from; nil if systemd does not tell.
    static func agentUser() -> UInt32? {
        guard let name = (try? SystemManager().identity(ofService: "mosaicd.service"))??.user, !name.isEmpty else {
            return nil
        }
        return UserDatabase.user(named: name)?.uid ?? UInt32(name)
    }
}

/// The user and groups that the processes of a service call with, by its settings (systemd.exec(5)).
enum UnitCredentials {
    /// The user id and all group ids of a process of this unit.
    static func caller(ofUnit name: String, furtherGroups: [UInt32]) throws -> (uid: UInt32, gids: [UInt32]) {
        guard UnitName(name)?.type == "service" else {
            throw CommandFailure(.usage, "only a service says which user it runs as: give --uid or --user")
        }
        let found: ServiceIdentity?
        do throws(ServiceManagerError) {
            found = try SystemManager().identity(ofService: name)
        } catch {
            throw CommandFailure(.usage, "systemd does not tell which user \(name) runs as: give --uid or --user")
        }
        guard let identity = found else {
            throw CommandFailure(.usage, "there is no service \(name) on this machine: give --uid or --user")
        }
        let user = try user(identity.user, of: name)
        var gids = user.gids
        if !identity.group.isEmpty { gids[0] = try group(identity.group, of: name) }
        for further in try identity.supplementaryGroups.map({ try group($0, of: name) }) + furtherGroups
        where !gids.contains(further) {
            gids.append(further)
        }
        return (user.uid, gids)
    }

    private static func user(_ name: String, of unit: String) throws -> UserDatabase.User {
        // systemd gives root no groups that its settings do not name.
        if name.isEmpty { return UserDatabase.User(uid: 0, gids: [0]) }
        if let user = UserDatabase.user(named: name) { return user }
        guard let uid = UInt32(name), let known = UserDatabase.name(ofUser: uid),
            let user = UserDatabase.user(named: known)
        else {
            throw CommandFailure(
                .usage,
                "\(unit) runs as \(name), a user that this machine does not know now: give --uid"
            )
        }
        return user
    }

    private static func group(_ name: String, of unit: String) throws -> UInt32 {
        guard let gid = UserDatabase.group(named: name) ?? UInt32(name) else {
            throw CommandFailure(
                .usage,
                "\(unit) is in the group \(name), which this machine does not know now: give --uid"
            )
        }
        return gid
    }
}

/// The process's environment.
enum Environment {
    /// The value of a variable, bytes that are not UTF-8 as in a path (`PathText`); nil when it is not set or empty.
    static func value(_ name: String) -> String? {
        // The text is copied before anything could change the environment; mosaicctl itself never does.
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe PathText.text(cString: text)
        return value.isEmpty ? nil : value
    }
}
