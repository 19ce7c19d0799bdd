import StrictJSON
import Testing

@testable import AgentProtocol

/// The methods with which an administrator looks into the agent while it works.
@Suite struct ObservationMethodTests {
    private static let labels = ["method": "otp.send", "odd": "\"\\\n"]

    @Test func `parameters and results come back as they were sent`() throws {
        try RoundTripTests().roundTrip(DaemonLogLevel.self, DaemonLogLevel.Parameters())
        for level in DaemonLogLevel.Parameters.levels + ["configured"] {
            try RoundTripTests().roundTrip(DaemonLogLevel.self, DaemonLogLevel.Parameters(level: level))
        }
        try RoundTripTests().roundTrip(
            DaemonLogLevel.self,
            result: .init(level: "debug", source: .control, configured: "info")
        )
        try RoundTripTests().roundTrip(DaemonConnections.self, DaemonConnections.Parameters())
        try RoundTripTests().roundTrip(
            DaemonConnections.self,
            DaemonConnections.Parameters(uid: .max, socket: "credential", after: 7, limit: 4096)
        )
        var connection = DaemonConnections.Connection(
            id: 3,
            socket: "main",
            uid: 0,
            gid: .max,
            pid: 7,
            unit: "a\\x2db.service"
        )
        connection.unreadBytes = 12
        connection.reading = false
        connection.probe = true
        try RoundTripTests().roundTrip(
            DaemonConnections.self,
            result: .init(total: 2, truncated: true, connections: [connection])
        )
        try RoundTripTests().roundTrip(
            DaemonMetrics.self,
            result: .init(metrics: [
                .init("a_total", .counter, help: "h", samples: [.init(Self.labels, 3), .init([:], 0.25)]),
                .init(
                    "b_seconds",
                    .histogram,
                    unit: "seconds",
                    help: "h",
                    samples: [
                        .init(Self.labels, count: 2, sum: 1e-3, buckets: [.init(bound: 0.5, count: 1)])
                    ]
                ),
                .init("c", MetricType("summary"), help: "of a later version", samples: []),
            ])
        )
        try RoundTripTests().roundTrip(DaemonWatch.self, DaemonWatch.Parameters())
        try RoundTripTests().roundTrip(DaemonWatch.self, DaemonWatch.Parameters(events: EventKind.watchable))
    }

    @Test func `numbers without a fraction are written without one`() {
        let sample = JSONText { DaemonMetrics.Sample([:], 17).encode(to: &$0) }
        #expect(sample.description == #"{"labels":{},"value":17}"#)
    }

    static let details: [DaemonEvent.Details] = [
        .init(), .init(.init(status: "healthy", previous: nil, summary: "healthy")),
        .init(.init(problem: "line 3", restartNeeded: nil)), .init(.init(problem: nil, restartNeeded: ["Socket"])),
        .init(.init(client: "default", expiresInSeconds: 3, error: nil)),
        .init(.init(client: "default", sourceReplaced: false)),
        .init(.init(socket: "main", uid: 7, pid: 8, reason: "overloaded")),
        .init(.init(level: "debug", previous: "info", uid: .max)),
        TargetHash("18962e5e775744f39c214a47936fe87b").map {
            .init(.init(target: $0, client: "default", failures: 4, uid: .max, retryAfterMilliseconds: 900_000))
        } ?? .init(),
        .init(
            .init(
                callID: "c",
                socket: "main",
                method: "otp.send",
                result: "accepted",
                uid: 1,
                pid: 2,
                durationMicroseconds: 3
            )
        ),
    ]

    @Test(arguments: details) func `a notification is read as it was written`(details: DaemonEvent.Details) throws {
        let id = try #require(RequestID("watch \"1\""))
        let event = DaemonEvent(watch: id, time: "t", kind: .callFinished, dropped: 3, details: details)
        var writer = JSONWriter()
        event.encodeLine(to: &writer)
        #expect(writer.bytes.last == 0x0A && !writer.bytes.dropLast().contains(0x0A))
        let json = try JSONDocument(parsing: writer.bytes.dropLast(), maximumDepth: 16).root
        #expect(try DaemonEvent(notification: json) == event)
        #expect(json["jsonrpc"]?.string == "2.0" && json["id"] == nil)
        // What is written is what the discovery document says.
        if let params = json["params"] { try Schema.object(DaemonEvent.self).check(params) }
    }

    @Test func `another notification is none, and a broken one is told`() throws {
        func event(_ text: String) throws -> DaemonEvent? {
            try DaemonEvent(notification: JSONDocument(parsing: Array(text.utf8), maximumDepth: 8).root)
        }
        #expect(try event(#"{"jsonrpc":"2.0","method":"daemon.other","params":{}}"#) == nil)
        #expect(throws: SchemaViolation.self) {
            try event(#"{"jsonrpc":"2.0","method":"daemon.event","params":{"watch":1.5,"time":"","kind":""}}"#)
        }
    }

    @Test func `only a watch has no deadline unless it sets one, and only on the control socket`() throws {
        func limit(_ method: String, _ params: String, on socket: SocketKind = .control) throws -> Duration? {
            let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#
            guard case .request(let request) = IncomingLine(parsing: Array(line.utf8)) else { return .zero }
            return request.timeLimit(on: socket)
        }
        #expect(try limit("daemon.watch", "{}") == nil)
        #expect(try limit("daemon.watch", #"{"meta":{"trace_id":"x"}}"#) == nil)
        #expect(try limit("daemon.watch", #"{"meta":{"deadline_ms":10000}}"#) == .seconds(10))
        #expect(try limit("daemon.watch", #"{"meta":{"deadline_ms":null}}"#) == nil)
        #expect(try limit("daemon.watch", #"{"meta":null}"#) == nil)
        #expect(try limit("daemon.watch", "{}", on: .main) == .seconds(10))
        #expect(try limit("daemon.status", "{}") == .seconds(10))
    }

    @Test func `the discovery document and the reference describe the notification`() throws {
        let document = MethodTable.control.openRPC(version: "1").value
        let watch = document["methods"]?.elements?.first { $0["name"]?.string == "daemon.watch" }
        let notification = try #require(watch?["x-notifications"]?.elements?.first { _ in true })
        #expect(notification["name"]?.string == "daemon.event")
        let names = notification["params"]?.elements?.compactMap { $0["name"]?.string }
        #expect(names == DaemonEvent.fields.map(\.name))
        #expect(MethodReference.markdown().contains("Notification `daemon.event`"))
    }
}
