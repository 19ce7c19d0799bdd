import Foundation

extension AgentOptions {
    /// An agent with the throttle's own limits but for these lines of `[Daemon]`, and a further line of its rule.
    static func throttled(_ daemon: [String] = [], allow: String = "login", rule: String = "") -> Self {
        var options = AgentOptions(
            daemon: ["ReleaseGrid=0"] + daemon,
            access: """
                [Access tests]
                Match=uid:\(getuid())
                Clients=default
                Allow=\(allow)
                \(rule)
                """
        )
        options.hasDefaultBudgets = true
        return options
    }
}

extension AgentFixture {
    /// Changes the configuration file; a reload puts it in force.
    func rewriteConfiguration(_ change: (String) -> String) throws {
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
        try change(text).write(toFile: configuration, atomically: false, encoding: .utf8)
    }

    /// The audit records of a method, in their order.
    func auditRecords(of method: String) throws -> [JSONTree] {
        let prefix = "mosaicd-audit: "
        return try process.error.split(separator: "\n").filter { $0.hasPrefix(prefix) }
            .map { try JSONTree($0.dropFirst(prefix.count)) }
            .filter { $0["MOSAIC_METHOD"]?.string == method }
    }
}

extension JSONTree {
    /// The verdict of an answer, or the kind of its error.
    var kindOrVerdict: String {
        self["result"]?["verdict"]?.string ?? self["error"]?["data"]?["kind"]?.string ?? "neither"
    }
}

extension [String] {
    /// As many times `throttled`.
    init(throttled count: Int) { self.init(repeating: "throttled", count: count) }
}

extension String {
    /// An answer line but for the id of the call and the wait, which differ from call to call.
    var withoutWhatDiffers: String {
        replacing(#/"call_id":"[^"]+"/#, with: #""call_id":"ID""#)
            .replacing(#/"retry_after_ms":\d+/#, with: #""retry_after_ms":0"#)
    }
}
