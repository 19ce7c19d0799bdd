import AgentProtocol
import Glibc
import Linux
import StrictJSON
import Systemd

/// What stands at the path of a socket that could not be connected to, and what to do about it.
struct SocketDiagnosis: Sendable {
    /// What is at the path.
    enum Finding: Sendable {
        /// Nothing.
        case missing
        /// A directory on the way may not be searched, or another error kept from looking.
        case hidden(String)
        /// Something that is no socket.
        case otherFile
        /// A socket.
        case socket(mode: UInt32, uid: UInt32, gid: UInt32, mayConnect: Bool)
    }

    let kind: SocketKind
    let path: String
    let finding: Finding

    /// Looks at the path now.
    init(_ kind: SocketKind, path: String) {
        self.kind = kind
        self.path = path
        let status: FileStatus
        do { status = try FileStatus(ofPath: path, followingLinks: true) } catch {
            let code = error.systemError
            finding = code == ENOENT || code == ENOTDIR ? .missing : .hidden(systemErrorText(code))
            return
        }
        guard status.kind == .socket else {
            finding = .otherFile
            return
        }
        finding = .socket(
            mode: status.permissions,
            uid: status.owner,
            gid: status.group,
            mayConnect: PathText.withCString(path) { unsafe access($0, W_OK) } == 0
        )
    }

    /// What is there, in a few words.
    var findingText: String {
        switch finding {
        case .missing: "does not exist"
        case .hidden(let reason): "cannot be looked at: \(reason)"
        case .otherFile: "is not a socket"
        case .socket(let mode, let uid, let gid, _):
            "socket, mode 0\(String(mode, radix: 8)), "
                + "owner \(Self.named(uid, UserDatabase.name(ofUser: uid))), "
                + "group \(Self.named(gid, UserDatabase.name(ofGroup: gid)))"
        }
    }

    /// What to do.
    var advice: String {
        switch finding {
        case .missing:
            let option = kind == .main ? "--socket" : "--control-socket"
            return "start the agent: systemctl start mosaicd.socket mosaicd-control.socket; "
                + "if it runs elsewhere, say \(option) PATH"
        case .hidden, .socket(_, _, _, mayConnect: false):
            return switch kind {
            case .main: "become a member of the socket's group and log in again, or run mosaicctl as root"
            case .control: "run mosaicctl as root"
            }
        case .otherFile:
            return "check the path"
        case .socket(_, _, _, mayConnect: true):
            return
                "no process listens: systemctl status mosaicd.socket mosaicd-control.socket mosaicd; journalctl -u mosaicd"
        }
    }

    /// Adds the lines for people.
    func describe(in list: inout FieldList) {
        list.add("socket", path)
        list.add("file", findingText)
        let groups = UserDatabase.ownGroups().map(String.init).joined(separator: " ")
        list.add("you are", "uid \(Self.named(geteuid(), UserDatabase.name(ofUser: geteuid()))), groups \(groups)")
        list.add("what to do", advice)
    }

    private static func named(_ id: UInt32, _ name: String?) -> String { name.map { "\($0) (\(id))" } ?? "\(id)" }
}

extension SocketDiagnosis {
    /// Writes the object for programs: `path`, `exists`, and of a socket `mode`, `uid`, `gid` and `may_connect`.
    func encode(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", kind.rawValue)
        writer.member("path", path)
        switch finding {
        case .missing: writer.member("exists", false)
        case .hidden: break
        case .otherFile:
            writer.member("exists", true)
            writer.member("is_socket", false)
        case .socket(let mode, let uid, let gid, let mayConnect):
            writer.member("exists", true)
            writer.member("is_socket", true)
            writer.member("mode", "0\(String(mode, radix: 8))")
            writer.member("uid", uid)
            writer.member("gid", gid)
            writer.member("may_connect", mayConnect)
        }
        writer.member("advice", advice)
        writer.endObject()
    }
}

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
