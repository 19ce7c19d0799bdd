import Glibc
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

/// Binding, taking over and giving up sockets.
@Suite(.longTimeLimit) struct UnixListenerTests {
    static func bind(_ path: String, mode: UInt32 = 0o660, group: UInt32? = nil) throws(SocketError) -> UnixListener {
        try UnixListener.bound(to: path, mode: mode, group: group)
    }

    /// The code of the error that binding to a path throws.
    static func refusal(of path: String) -> SocketError.Code? {
        do throws(SocketError) {
            _ = try bind(path)
            return nil
        } catch {
            return error.code
        }
    }

    /// The code of the error that taking over a descriptor throws.
    static func refusal(of descriptor: Int32) -> SocketError.Code? {
        do throws(SocketError) {
            _ = try UnixListener.inherited(descriptor)
            return nil
        } catch {
            return error.code
        }
    }

    static func status(_ path: String) -> FileStatus? {
        try? FileStatus(ofPath: path, followingLinks: false)
    }

    /// Whether a connection to the path is taken up.
    static func isServed(_ path: String) throws -> Bool {
        let client = try makeSocket(for: path)
        let address = try #require(UnixAddress(path: path))
        return unsafe address.call(connect, on: client.rawValue) == 0
    }

    @Test(arguments: [0o600, 0o660, 0o666] as [UInt32])
    func `a socket of our own has its mode whatever the umask, its group, and listens`(mode: UInt32) async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.bind(directory + "/main", mode: mode, group: getegid())
            let status = try #require(Self.status(directory + "/main"))
            #expect(status.kind == .socket)
            #expect(status.permissions == mode)
            #expect(status.group == getegid())
            #expect(try Self.isServed(directory + "/main"))
            _ = consume listener
        }
    }

    @Test func `a socket that is given up is removed`() async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.bind(directory + "/main")
            _ = consume listener
            #expect(Self.status(directory + "/main") == nil)
        }
    }

    @Test func `what somebody else has put in place of our socket is not removed`() async throws {
        try await withTemporaryDirectory { directory in
            let listener = try Self.bind(directory + "/main")
            #expect(unsafe unlink(directory + "/main") == 0)
            let file = unsafe open(directory + "/main", O_CREAT | O_WRONLY, 0o600)
            close(file)
            _ = consume listener
            #expect(Self.status(directory + "/main") != nil)
        }
    }

    @Test func `a socket that a dead process left is replaced`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/main"
            let dead = try makeSocket(for: path)
            let address = try #require(UnixAddress(path: path))
            #expect(unsafe address.call(Glibc.bind, on: dead.rawValue) == 0)
            _ = consume dead
            #expect(Self.status(path) != nil)
            let listener = try Self.bind(path)
            #expect(try Self.isServed(path))
            _ = consume listener
        }
    }

    @Test func `a second daemon is refused and does not disturb the first`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try Self.bind(directory + "/main")
            #expect(Self.refusal(of: directory + "/main") == .inUse)
            #expect(try Self.isServed(directory + "/main"))
            _ = consume first
        }
    }

    @Test func `a socket that another program serves is left alone`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/main"
            let other = try makeSocket(for: path)
            let address = try #require(UnixAddress(path: path))
            #expect(unsafe address.call(Glibc.bind, on: other.rawValue) == 0)
            #expect(Glibc.listen(other.rawValue, 1) == 0)
            #expect(Self.refusal(of: path) == .inUse)
            #expect(try Self.isServed(path))
            _ = consume other
        }
    }

    @Test func `a file that is no socket is left alone`() async throws {
        try await withTemporaryDirectory { directory in
            close(unsafe open(directory + "/main", O_CREAT | O_WRONLY, 0o600))
            #expect(Self.refusal(of: directory + "/main") == .notASocket)
            #expect(Self.status(directory + "/main") != nil)
        }
    }

    @Test(arguments: [0o770, 0o707, 0o777, 0o1777] as [UInt32])
    func `a directory that others can write to is refused`(mode: UInt32) async throws {
        try await withTemporaryDirectory { directory in
            #expect(unsafe chmod(directory, mode) == 0)
            #expect(Self.refusal(of: directory + "/main") == .unsafeDirectory)
            #expect(Self.status(directory + "/main.lock") == nil)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "needs root to give a directory away"))
    func `a directory of another user is refused`() async throws {
        try await withTemporaryDirectory { directory in
            #expect(unsafe chown(directory, 65_534, 65_534) == 0)
            #expect(Self.refusal(of: directory + "/main") == .unsafeDirectory)
        }
    }

    @Test func `a directory that is missing is refused, by name`() async throws {
        do {
            _ = try Self.bind("/tmp/mosaicd-no-such-directory/main")
            Issue.record("bound in a directory that does not exist")
        } catch {
            #expect(error.code == .unsafeDirectory)
            #expect(error.description.contains("/tmp/mosaicd-no-such-directory, the directory of socket"))
            #expect(error.systemError == ENOENT)
        }
    }

    @Test(arguments: ["main", "", "/tmp/" + String(repeating: "x", count: 103)])
    func `a path that is relative or longer than 107 bytes is refused`(path: String) {
        #expect(Self.refusal(of: path) == .badPath)
    }

    @Test func `a listening socket is taken over and its path is not removed`() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/main"
            let original = try makeSocket(for: path)
            let address = try #require(UnixAddress(path: path))
            #expect(unsafe address.call(Glibc.bind, on: original.rawValue) == 0)
            #expect(Glibc.listen(original.rawValue, 1) == 0)
            let listener = try UnixListener.inherited(original.release())
            #expect(listener.placement == nil)
            _ = consume listener
            #expect(Self.status(path) != nil)
        }
    }

    @Test func `a descriptor that is no listening Unix stream socket is refused`() throws {
        let unbound = try makeSocket(for: "test").release()
        #expect(Self.refusal(of: unbound) == .badDescriptor)
        let datagram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        #expect(Self.refusal(of: datagram) == .badDescriptor)
        let file = unsafe open("/dev/null", O_RDONLY)
        #expect(Self.refusal(of: file) == .badDescriptor)
    }
}

@Suite struct PeerCredentialsTests {
    @Test(arguments: [0, 1, 32])
    func `a peer is known with all its groups, however small the first guess`(guess: Int) throws {
        var pair: [Int32] = [-1, -1]
        #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for descriptor in pair { close(descriptor) } }
        let caller = try PeerCredentials.caller(of: pair[0])
        #expect(caller.uid == geteuid())
        #expect(caller.gid == getegid())
        #expect(caller.pid == getpid())

        var own = [gid_t](repeating: 0, count: Int(getgroups(0, nil)))
        let count = Int(unsafe getgroups(Int32(own.count), &own))
        let groups = try PeerCredentials.groups(of: pair[0], firstGuess: guess)
        #expect(groups.sorted() == own.prefix(count).sorted())
    }

    @Test func `what is no socket has no peer`() {
        #expect(throws: SocketError.self) { try PeerCredentials.caller(of: -1) }
    }
}
