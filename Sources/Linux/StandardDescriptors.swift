internal import Glibc

/// Standard input, output and error.
package enum StandardDescriptors {
    /// Occupies those of the descriptors 0 to 2 that are closed, so that no file or socket of the program gets their
    /// numbers. Call it first in a program.
    ///
    /// What takes their place cannot be used either: reading from 0 and writing to 1 or 2 fails as with a closed
    /// descriptor, so no output is lost in silence.
    package static func occupyClosed() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // Sound: a literal path. The lowest free number is given, and all below this one are taken.
            let null = unsafe open("/dev/null", mode)
            guard null >= 0, null != descriptor else { continue }
            dup2(null, descriptor)
            close(null)
        }
    }
}
