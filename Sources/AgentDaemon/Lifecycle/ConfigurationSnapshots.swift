/// Counts the calls that each configuration serves, so that what only an old one needs can go when its last call ends.
///
/// Pure; its owner keeps it under a lock.
struct ConfigurationSnapshots<Content: Sendable>: Sendable {
    /// A call's hold on the configuration that it began under.
    struct Lease: Sendable {
        /// To be given back with ``leave(_:)``.
        let number: UInt64
        /// The configuration.
        let content: Content
    }

    private struct Generation: Sendable {
        let number: UInt64
        let content: Content
        var calls = 0
    }

    private var newest: Generation
    private var retired: [UInt64: Generation] = [:]

    /// The first configuration, which no call has yet.
    init(_ content: Content) {
        newest = Generation(number: 1, content: content)
    }

    /// The configuration that new calls get.
    var current: Content { newest.content }

    /// Everything that some call may still need: the current configuration and the old ones with calls in flight.
    var inUse: [Content] { [newest.content] + retired.values.map(\.content) }

    /// A call begins, under the current configuration to its end.
    mutating func enter() -> Lease {
        newest.calls += 1
        return Lease(number: newest.number, content: newest.content)
    }

    /// A call has ended.
    ///
    /// - Returns: the old configuration whose last call this was; nil while it has others, and for the current one.
    mutating func leave(_ number: UInt64) -> Content? {
        guard number != newest.number else {
            newest.calls -= 1
            return nil
        }
        guard var generation = retired.removeValue(forKey: number) else { return nil }
        generation.calls -= 1
        guard generation.calls > 0 else { return generation.content }
        retired[number] = generation
        return nil
    }

    /// New calls get another configuration from now on.
    ///
    /// - Returns: the old configuration if no call needs it any more.
    mutating func replace(with content: Content) -> Content? {
        let old = newest
        newest = Generation(number: old.number + 1, content: content)
        guard old.calls > 0 else { return old.content }
        retired[old.number] = old
        return nil
    }
}
