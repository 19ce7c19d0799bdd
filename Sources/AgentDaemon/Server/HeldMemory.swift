import Synchronization

/// How much memory the connections hold, so that it goes back to the system after a flood.
///
/// The allocator keeps what was freed. Without this the process would stay as large as the largest flood had made it.
final class HeldMemory: Sendable {
    /// What a connection holds beside its unread answers, roughly.
    static let perConnection = 16_384
    /// What a call holds until it is answered, roughly: its request, its task, its part of a connection to Mosaic.
    static let perCall = 16_384
    /// A flood, in bytes: smaller ones are not worth a walk through the heap.
    static let flood = 4 << 20
    /// From the end of a flood until memory is given back: what the calls held is freed at once, their connections to Mosaic
    /// are closed when they have been idle for long enough.
    static let delays = [Duration.seconds(2), .seconds(60)]

    private struct State {
        var bytes = 0
        var peak = 0
        var isDue = false
    }

    private let state = Mutex(State())

    /// Nothing is held.
    init() {}

    /// Tells that `bytes` more are held, or fewer where it is negative.
    ///
    /// - Returns: true at the end of a flood: ``giveBack(_:)`` is to be called after each of ``delays``.
    func change(by bytes: Int) -> Bool {
        state.withLock { state in
            state.bytes += bytes
            state.peak = max(state.peak, state.bytes)
            guard state.peak >= Self.flood, state.bytes <= state.peak / 4, !state.isDue else { return false }
            state.isDue = true
            return true
        }
    }

    /// Has `action` give the memory back.
    func giveBack(_ action: () -> Void) {
        state.withLock { state in
            state.isDue = false
            state.peak = state.bytes
        }
        action()
    }
}
