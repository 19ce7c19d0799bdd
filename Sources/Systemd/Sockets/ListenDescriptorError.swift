/// What the service manager handed over cannot be used.
package enum ListenDescriptorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `$LISTEN_PID`, `$LISTEN_FDS` or `$LISTEN_FDNAMES` make no sense.
    case invalidEnvironment(SystemCallError)
    /// Two descriptors have the same expected name.
    case duplicateName(String)
    /// It is something other than a listening AF_UNIX stream socket.
    case notListeningUnixStream(ListenDescriptors.Descriptor)
    /// It could not be looked at or prepared, for instance because it is not open.
    case unusable(ListenDescriptors.Descriptor, SystemCallError)

    /// What is wrong, and what the socket unit needs.
    package var description: String {
        switch self {
        case .invalidEnvironment(let error):
            "the service manager's LISTEN_PID, LISTEN_FDS or LISTEN_FDNAMES cannot be read: \(error.reason)"
        case .duplicateName(let name):
            """
            the service manager passed more than one socket named '\(name)'; its socket unit may have one ListenStream=, \
            and no other unit of the service the same FileDescriptorName=
            """
        case .notListeningUnixStream(let descriptor):
            """
            the socket '\(descriptor.name)' (descriptor \(descriptor.number)) from the service manager is not a \
            listening Unix stream socket; its socket unit needs ListenStream= with an absolute path, and Accept=no
            """
        case .unusable(let descriptor, let error):
            "the socket '\(descriptor.name)' (descriptor \(descriptor.number)) from the service manager: \(error)"
        }
    }
}
