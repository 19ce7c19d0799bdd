// Which of the two modules has `struct timeval` depends on the files that are compiled together with this one.
internal import CSystemd
internal import Glibc

/// Time limits of blocking reads and writes on a socket (SO_RCVTIMEO and SO_SNDTIMEO, socket(7)).
///
/// They stand in this module because it knows both modules that may have `struct timeval`, see ``FileStatus``.
package enum SocketTimeLimit {
    /// Sets both limits; false, with errno(3) set, if the kernel refuses.
    package static func set(_ limit: Duration, of descriptor: Int32) -> Bool {
        let (seconds, attoseconds) = limit.components
        let time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        return [SO_RCVTIMEO, SO_SNDTIMEO].allSatisfy { option in
            // Sound: the kernel reads the one structure it is given.
            unsafe withUnsafePointer(to: time) { pointer in
                unsafe setsockopt(descriptor, SOL_SOCKET, option, pointer, socklen_t(MemoryLayout<timeval>.size))
            } == 0
        }
    }
}
