import AgentProtocol
import MosaicAPI
import Systemd
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct MetricsTests {
    private static func sample(
        _ metrics: [DaemonMetrics.Metric],
        _ name: String,
        _ labels: [String: String] = [:]
    ) -> DaemonMetrics.Sample? {
        metrics.first { $0.name == name }?.samples.first { $0.labels == labels }
    }

    @Test func `a histogram counts each duration in every bucket that it fits`() throws {
        var histogram = Histogram()
        for duration in [.zero, .milliseconds(1), .microseconds(1001), .seconds(30), .seconds(31)] as [Duration] {
            histogram.observe(duration)
        }
        let sample = histogram.sample(["a": "b"])
        #expect(sample.count == 5)
        #expect(abs(try #require(sample.sum) - 61.002_001) < 1e-9)
        #expect(sample.buckets.map(\.bound) == Histogram.bounds)
        #expect(sample.buckets.map(\.count) == [1, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4])
    }

    @Test func `calls are counted by method and result, unknown methods together`() async throws {
        let observer = AgentObserver()
        let answers = FakeMosaicService(.answer(.denied(.locked)))
        try await DispatcherFixture.with(answers, observer: observer) { fixture in
            for _ in 0..<3 { _ = try await fixture.send(Line.login()) }
            _ = try await fixture.send(Line.login(), uid: DispatcherFixture.strangerUID)
            for method in ["nosuch.method", "other.method"] { _ = try await fixture.send(Line.method(method)) }
            _ = try await fixture.send(Line.method("system.ping"), on: .control, uid: 0)
        }
        let metrics = observer.calls.metrics
        func count(_ socket: String, _ method: String, _ result: String) -> Double? {
            Self.sample(
                metrics,
                "mosaicd_calls_total",
                ["socket": socket, "method": method, "result": result]
            )?.value
        }
        #expect(count("main", "password.authenticate", "denied") == 3)
        #expect(count("main", "password.authenticate", "forbidden") == 1)
        #expect(count("main", CallMetrics.unknownMethod, "method_not_found") == 2)
        #expect(count("control", "system.ping", "ok") == 1)
        let login = ["socket": "main", "method": "password.authenticate"]
        #expect(Self.sample(metrics, "mosaicd_call_duration_seconds", login)?.count == 4)
        #expect(metrics.first { $0.name == "mosaicd_calls_total" }?.samples.count == 4)
    }

    @Test func `requests to Mosaic are counted by endpoint and end, token fetches by failure`() {
        let observer = AgentObserver()
        for end in [.answered(200), .answered(200), .answered(503), .failed(.connect), .answered(7)] as [UpstreamEnd] {
            observer.requestEnded(OTPSendOperation.endpoint, client: "shop", end: end, duration: .milliseconds(20))
        }
        observer.tokenFetchEnded(client: "shop", end: .success(.seconds(60)), duration: .milliseconds(3))
        let failure = APIFailure(.credentialRejected, outcome: .answered)
        observer.tokenFetchEnded(client: "shop", end: .failure(failure), duration: .milliseconds(3))
        let metrics = observer.upstream.metrics
        for (result, count) in [("200", 2.0), ("503", 1), ("connect", 1), ("invalid", 1)] {
            let labels = ["client": "shop", "endpoint": "otp_send", "result": result]
            #expect(Self.sample(metrics, "mosaicd_upstream_requests_total", labels)?.value == count)
        }
        for result in ["ok", "credential_rejected"] {
            let labels = ["client": "shop", "result": result]
            #expect(Self.sample(metrics, "mosaicd_token_fetches_total", labels)?.value == 1)
        }
        let durations = Self.sample(
            metrics,
            "mosaicd_upstream_request_duration_seconds",
            ["client": "shop", "endpoint": "otp_send"]
        )
        #expect(durations?.count == 5 && durations?.buckets.first { $0.bound == 0.025 }?.count == 5)
    }

    @Test func `the process knows what it uses`() throws {
        let usage = ProcessUsage.now()
        #expect(try #require(usage.residentBytes) > 1_000_000)
        #expect(try #require(usage.openDescriptors) >= 3)
        #expect(usage.processorSeconds > 0)
    }
}
