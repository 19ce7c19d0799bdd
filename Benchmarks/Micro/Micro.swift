import Benchmark

/// The pieces of a login, each by itself: what a change of one of them costs or saves.
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )
    measureJSON()
    measureLines()
    measureThrottle()
    measureToken()
    measureAudit()
}

/// Texts of the sizes that a login has.
enum Sample {
    /// A request line, without its line break.
    static let request = Array(
        (#"{"jsonrpc":"2.0","id":1,"method":"password.authenticate","params":{"username":"ada@example.com","#
            + #""password":"correct horse battery staple","username_type":"email","meta":{"deadline_ms":5000}}}"#).utf8
    )
    /// A token as Mosaic issues them, of so many bytes.
    static func token(_ count: Int) -> String { String(repeating: "eyJhbGciOiJSUzI1NiJ9", count: count / 20) }
    /// The answer of Mosaic.
    static let answer = Array(
        (#"{"access_token":"\#(token(800))","id_token":"\#(token(700))","refresh_token":"\#(token(400))","#
            + #""token_type":"Bearer","expires_in":3600,"session_id":"s-0123456789"}"#).utf8
    )
}
