import NIOCore

/// What a connection is doing at a moment, for the administrator.
struct ConnectionActivity: Sendable {
    var callsInFlight = 0
    var callsParked = 0
    var callsAnswered = 0
    var unreadBytes = 0
    var isReading = true
    var isProbe = false
    /// The peer's unit, if it has been found out.
    var unit: String?
}

extension ConnectionHandle {
    /// What the connections are doing, by their numbers. Each event loop is asked once, however many there are.
    static func activities(of handles: [UInt64: ConnectionHandle]) async -> [UInt64: ConnectionActivity] {
        let byLoop = Dictionary(grouping: handles) { ObjectIdentifier($0.value.eventLoop) }
        var activities: [UInt64: ConnectionActivity] = [:]
        for group in byLoop.values {
            guard let loop = group.first?.value.eventLoop else { continue }
            // It fails only when the loop is shut down, and then there are no connections either.
            let found = try? await loop.submit {
                group.map { number, handle in (number, handle.driver.value.activity) }
            }.get()
            for (number, activity) in found ?? [] { activities[number] = activity }
        }
        return activities
    }
}
