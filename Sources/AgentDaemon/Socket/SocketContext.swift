import MosaicAPI

/// What all connections of a server share.
final class SocketContext: Sendable {
    let limits: ConnectionLimits
    let maximumLineBytes: Int
    let clock: any AgentClock
    let registry: ConnectionRegistry
    let counters = SocketCounters()
    let unreadBudget: UnreadBudget

    init(settings: SocketServerSettings, clock: any AgentClock) {
        limits = settings.limits
        maximumLineBytes = settings.maximumLineBytes
        self.clock = clock
        registry = ConnectionRegistry(caps: settings.caps)
        unreadBudget = UnreadBudget(limit: settings.unreadBytesPerUser)
    }
}
