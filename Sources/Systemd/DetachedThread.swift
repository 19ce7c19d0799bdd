internal import Glibc

/// Threads for calls that block for as long as another process likes.
package enum DetachedThread {
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Runs `body` on a new thread, which is not waited for (pthread_create(3)).
    ///
    /// - Returns: Whether there is one; none is when the process has as many as it may have.
    package static func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        // Sound: the new thread takes the reference over; without one, it is released below.
        let work = unsafe Unmanaged.passRetained(Work(body))
        let code = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            work.toOpaque()
        )
        guard code == 0 else {
            unsafe work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
