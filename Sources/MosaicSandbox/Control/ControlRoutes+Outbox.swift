import Hummingbird

extension ControlRoutes {
    /// Longest time that a request for messages is held back, in seconds.
    static let maximumWait = 60.0

    func addOutbox(to router: Router<SandboxRequestContext>) {
        add(.get, "outbox", to: router) { call in try await messages(call) }
        add(.delete, "outbox", to: router) { _ in
            Reply(200, ["cleared": .integer(Int64(try await services.outbox.clear()))])
        }
    }

    private func messages(_ call: ControlCall) async throws -> Reply {
        var query = Outbox.Query(recipient: call.query["to"])
        query.after = Int64(try number("after", call, 0...Double(Int64.max / 2)) ?? 0)
        query.limit = Int(try number("limit", call, 1...Double(Outbox.capacity)) ?? Double(query.limit))
        let wait = try number("wait", call, 0...Self.maximumWait) ?? 0
        let found = try await services.outbox.messages(query, timeout: .seconds(wait))
        return Reply(200, ["messages": .array(found.map(\.json))])
    }

    private func number(_ name: String, _ call: ControlCall, _ range: ClosedRange<Double>) throws -> Double? {
        guard let text = call.query[name] else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw APIError.message(400, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
