import Systemd

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
