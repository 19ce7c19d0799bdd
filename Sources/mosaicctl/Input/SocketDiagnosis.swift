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
