internal import CSystemd
internal import Glibc

/// The descriptors that the service manager handed to this process at its start (sd_listen_fds(3)).
package struct ListenDescriptors: Hashable, Sendable {
    /// One descriptor and the name that its unit gives it (`FileDescriptorName=`).
    package struct Descriptor: Hashable, Sendable {
        /// Not unique: one socket unit with two `ListenStream=` hands over two of the same name.
        package let name: String
        /// Owned by its taker; closed on exec.
        package let number: CInt

        /// A descriptor under a name.
        package init(name: String, number: CInt) {
            self.name = name
            self.number = number
        }
    }

    /// Which of the expected names came.
    package struct Assignment: Hashable, Sendable {
        /// Listening, nonblocking AF_UNIX stream sockets, by name.
        package let sockets: [String: CInt]
        /// Expected names that did not come, in the order asked for.
        package let missing: [String]
        /// What came under other names, unchecked.
        package let others: [Descriptor]
    }

    /// All of them, in the manager's order.
    package let all: [Descriptor]

    /// These descriptors, as if a manager had sent them.
    package init(_ descriptors: [Descriptor]) {
        self.all = descriptors
    }

    /// Takes what the manager passed to this process, and removes the variables that told of it from the environment.
    ///
    /// Call it once, before the first thread starts: a second call finds nothing. Variables meant for another process
    /// (`$LISTEN_PID`) give no descriptors. Every descriptor is closed on exec from here on.
    package static func takeFromManager() throws(ListenDescriptorError) -> ListenDescriptors {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // Sound: libsystemd answers the number of descriptors and allocates as many names for us, which are copied and
        // freed here; with 0 or an error there is no list.
        let count = unsafe sd_listen_fds_with_names(1, &names)
        if count < 0 {
            throw .invalidEnvironment(SystemCallError(call: "sd_listen_fds_with_names", number: -count))
        }
        defer { unsafe free(names) }
        var descriptors: [Descriptor] = []
        for index in 0..<count {
            let name = unsafe names?[Int(index)]
            descriptors.append(
                Descriptor(name: unsafe name.map { unsafe String(cString: $0) } ?? "unknown", number: 3 + index)
            )
            unsafe free(name)
        }
        return ListenDescriptors(descriptors)
    }

    /// Finds the sockets `expected`, checks that each is a listening AF_UNIX stream socket, and makes it nonblocking.
    ///
    /// A missing or an unknown name is no error here: the caller knows whether it can do without. Two descriptors of
    /// one expected name are.
    package func listeningSockets(named expected: [String]) throws(ListenDescriptorError) -> Assignment {
        var sockets: [String: CInt] = [:]
        var others: [Descriptor] = []
        for descriptor in self.all {
            guard expected.contains(descriptor.name) else {
                others.append(descriptor)
                continue
            }
            guard sockets[descriptor.name] == nil else { throw .duplicateName(descriptor.name) }
            try Self.prepare(descriptor)
            sockets[descriptor.name] = descriptor.number
        }
        return Assignment(sockets: sockets, missing: expected.filter { sockets[$0] == nil }, others: others)
    }

    private static func prepare(_ descriptor: Descriptor) throws(ListenDescriptorError) {
        let result = sd_is_socket_unix(descriptor.number, CInt(SOCK_STREAM.rawValue), 1, nil, 0)
        if result < 0 {
            throw .unusable(descriptor, SystemCallError(call: "sd_is_socket_unix", number: -result))
        }
        guard result > 0 else { throw .notListeningUnixStream(descriptor) }

        let flags = fcntl(descriptor.number, F_GETFL)
        guard flags >= 0, fcntl(descriptor.number, F_SETFL, flags | O_NONBLOCK) == 0,
            fcntl(descriptor.number, F_SETFD, FD_CLOEXEC) == 0
        else { throw .unusable(descriptor, SystemCallError(errnoOf: "fcntl")) }
    }
}
