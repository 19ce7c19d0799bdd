import Synchronization

/// The time of day at the other end, as far as the `Date` fields of its answers tell it.
///
/// Only the emulator's is followed: its clock can be moved, and what it signs is dated by it. Mosaic's is taken to be right.
final class ServerClock: Sendable {
    private let local: @Sendable () -> Int64
    private let difference = Mutex<Int64>(0)

    /// A clock that agrees with the local one until it hears otherwise.
    ///
    /// - Parameter local: Seconds since 1970.
    init(local: @escaping @Sendable () -> Int64) { self.local = local }

    /// Seconds by which it is ahead of the local clock.
    var offset: Int64 { difference.withLock { $0 } }

    /// Seconds since 1970 at the other end.
    var now: Int64 { local() + offset }

    /// Takes the time from an answer; one without a date says nothing.
    func heard(_ response: UpstreamResponse) {
        guard let date = response.date.flatMap(HTTPDate.secondsSince1970) else { return }
        let offset = date - local()
        difference.withLock { $0 = offset }
    }
}
