internal import Glibc

/// Standard input, output and error, which a program may be started without.
///
/// The next file that such a program opens takes the free number, and what is meant for standard error goes into that file,
/// be it a socket or the throttle's memory. So /dev/null is opened there before anything else is.
package enum StandardDescriptors {
    /// Those that were closed when the program was started. The first access occupies them.
    package static let closedAtStart: Set<CInt> = occupy()

    /// Occupies those of the descriptors 0 to 2 that are closed, so that no file or socket of the program gets their
    /// numbers. Call it first in a program.
    ///
    /// What takes their place cannot be used either: reading from 0 and writing to 1 or 2 fails as with a closed
    /// descriptor, so no output is lost in silence.
    package static func occupyClosed() { _ = closedAtStart }

    private static func occupy() -> Set<CInt> {
        var closed: Set<CInt> = []
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            closed.insert(descriptor)
            // Sound: a literal path. The lowest free number is given, and all below this one are taken.
            let null = unsafe open("/dev/null", mode)
            guard null >= 0, null != descriptor else { continue }
            dup2(null, descriptor)
            close(null)
        }
        return closed
    }
}
