import Glibc

/// Users and groups as the name service (passwd, group) knows them.
///
/// The calls are unsafe because they take pointers; each points into an array or a value that outlives the call, and what
/// comes back is copied before that goes away.
enum UserDatabase {
    struct User: Equatable {
        let uid: UInt32
        /// The primary group first.
        let gids: [UInt32]
    }

    /// The user of that name, with all groups that it would get at a login.
    static func user(named name: String) -> User? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        let uid = unsafe entry.pw_uid
        let gid = unsafe entry.pw_gid
        var count: Int32 = 65_537
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard unsafe getgrouplist(name, gid, &groups, &count) >= 0 else { return User(uid: uid, gids: [gid]) }
        return User(uid: uid, gids: Array(groups.prefix(Int(count))))
    }

    /// The group id of a name.
    static func group(named name: String) -> UInt32? {
        var entry = unsafe Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 1_048_576)
        guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.gr_gid
    }

    /// The name of a user id.
    static func name(ofUser uid: UInt32) -> String? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard unsafe getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe String(cString: entry.pw_name)
    }

    /// The name of a group id.
    static func name(ofGroup gid: UInt32) -> String? {
        var entry = unsafe Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 1_048_576)
        guard unsafe getgrgid_r(gid, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe String(cString: entry.gr_name)
    }

    /// The groups of this process: the effective one, then the supplementary ones.
    static func ownGroups() -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = unsafe getgroups(Int32(groups.count), &groups)
        let own = getegid()
        return [own] + groups.prefix(max(0, Int(count))).filter { $0 != own }
    }
}
