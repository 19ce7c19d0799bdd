import Glibc
import TestSupport
import Testing

@testable import Systemd

@Suite struct ListenDescriptorsTests {
    private typealias Descriptor = ListenDescriptors.Descriptor

    @Test func `sockets are found by name, whatever their order`() async throws {
        try await withTemporaryDirectory { directory in
            let main = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/main")
            let control = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/control")
            try main.listen()
            try control.listen()
            let stored = Descriptor(name: "stored", number: 0)
            let assignment = try ListenDescriptors([
                Descriptor(name: "control", number: control.descriptor), stored,
                Descriptor(name: "main", number: main.descriptor),
            ]).listeningSockets(named: ["main", "control", "provider"])
            #expect(assignment.sockets == ["main": main.descriptor, "control": control.descriptor])
            #expect(assignment.missing == ["provider"])
            #expect(assignment.others == [stored])
        }
    }

    @Test func `a socket found is nonblocking and closed on exec`() async throws {
        try await withTemporaryDirectory { directory in
            let socket = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/socket")
            try socket.listen()
            #expect(fcntl(socket.descriptor, F_SETFL, 0) == 0)
            #expect(fcntl(socket.descriptor, F_SETFD, 0) == 0)
            _ = try ListenDescriptors([Descriptor(name: "main", number: socket.descriptor)])
                .listeningSockets(named: ["main"])
            #expect(fcntl(socket.descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(socket.descriptor, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test func `no descriptors are no error`() throws {
        let assignment = try ListenDescriptors([]).listeningSockets(named: ["main", "control"])
        #expect(assignment.sockets.isEmpty)
        #expect(assignment.missing == ["main", "control"])
        #expect(assignment.others.isEmpty)
    }

    @Test func `anything but a listening Unix stream socket is refused by name`() async throws {
        try await withTemporaryDirectory { directory in
            let datagram = try UnixSocket(SOCK_DGRAM, boundTo: "\(directory)/datagram")
            let silent = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/silent")
            let sequenced = try UnixSocket(SOCK_SEQPACKET, boundTo: "\(directory)/sequenced")
            try sequenced.listen()
            let internet = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            defer { close(internet) }
            #expect(listen(internet, 1) == 0)
            for number in [datagram.descriptor, silent.descriptor, sequenced.descriptor, internet, STDIN_FILENO] {
                let descriptor = Descriptor(name: "main", number: number)
                let error = #expect(throws: ListenDescriptorError.self) {
                    try ListenDescriptors([descriptor]).listeningSockets(named: ["main"])
                }
                #expect(error == .notListeningUnixStream(descriptor))
                #expect(error?.description.contains("'main' (descriptor \(number))") == true)
                #expect(error?.description.contains("ListenStream=") == true)
            }
        }
    }

    @Test func `a descriptor that is not open is refused with the reason`() {
        let descriptor = Descriptor(name: "control", number: 1_000_000)
        let error = #expect(throws: ListenDescriptorError.self) {
            try ListenDescriptors([descriptor]).listeningSockets(named: ["control"])
        }
        #expect(error == .unusable(descriptor, SystemCallError(call: "sd_is_socket_unix", number: EBADF)))
        #expect(
            error?.description.hasSuffix(
                "'control' (descriptor 1000000) from the service manager: "
                    + "sd_is_socket_unix: Bad file descriptor"
            ) == true
        )
    }

    @Test func `two sockets of one name are refused, unless nobody asks for them`() async throws {
        try await withTemporaryDirectory { directory in
            let first = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/first")
            try first.listen()
            let twins = [1, 2].map { _ in Descriptor(name: "main", number: first.descriptor) }
            #expect(throws: ListenDescriptorError.duplicateName("main")) {
                try ListenDescriptors(twins).listeningSockets(named: ["main"])
            }
            #expect(try ListenDescriptors(twins).listeningSockets(named: ["control"]).others == twins)
        }
    }

    /// What the test's own process got at its start is none of these, so each case runs in a process of its own. It puts
    /// its sockets at descriptor 3 and up, where the manager's are, and with that cuts itself off from the test; so it
    /// tells the result by its exit status.
    @Test(.longTimeLimit) func `the manager's descriptors come with their names, once`() async {
        await #expect(processExitsWith: .exitCode(42)) {
            guard let main = try? UnixSocket(SOCK_STREAM, boundTo: "@listen-\(getpid())-main"),
                let control = try? UnixSocket(SOCK_STREAM, boundTo: "@listen-\(getpid())-control"),
                (try? main.listen()) != nil, (try? control.listen()) != nil
            else { _exit(1) }
            // Away from 3 and 4 first, where one of them may be.
            let sockets = [main, control].map { fcntl($0.descriptor, F_DUPFD, 100) }
            guard dup2(sockets[0], 3) == 3, dup2(sockets[1], 4) == 4 else { _exit(2) }
            unsafe setenv("LISTEN_PID", "\(getpid())", 1)
            unsafe setenv("LISTEN_FDS", "2", 1)
            unsafe setenv("LISTEN_FDNAMES", "main:control", 1)
            guard let descriptors = try? ListenDescriptors.takeFromManager() else { _exit(3) }
            let expected = [Descriptor(name: "main", number: 3), Descriptor(name: "control", number: 4)]
            guard descriptors.all == expected else { _exit(4) }
            guard
                (try? descriptors.listeningSockets(named: ["control", "main"]))?.sockets == ["main": 3, "control": 4]
            else { _exit(5) }
            guard Environment.process["LISTEN_FDS"] == nil, Environment.process["LISTEN_PID"] == nil,
                Environment.process["LISTEN_FDNAMES"] == nil
            else { _exit(6) }
            guard let again = try? ListenDescriptors.takeFromManager(), again.all.isEmpty else { _exit(7) }
            _exit(42)
        }
    }

    @Test(.longTimeLimit) func `descriptors meant for another process are left alone`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("LISTEN_PID", "1", 1)
            unsafe setenv("LISTEN_FDS", "2", 1)
            let descriptors = try ListenDescriptors.takeFromManager()
            #expect(descriptors.all.isEmpty)
        }
    }

    @Test(.longTimeLimit) func `variables that make no sense are an error`() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("LISTEN_PID", "\(getpid())", 1)
            unsafe setenv("LISTEN_FDS", "many", 1)
            let error = #expect(throws: ListenDescriptorError.self) { try ListenDescriptors.takeFromManager() }
            #expect(error?.description.contains("LISTEN_FDS") == true)
        }
    }
}
