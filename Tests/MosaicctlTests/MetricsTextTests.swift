import AgentProtocol
import TestSupport
import Testing

@testable import mosaicctl

/// What monitoring systems read.
@Suite(.longTimeLimit) struct MetricsTextTests {
    private static let odd = "a \"quoted\" back\\slash\nand a line"

    private static let metrics: [DaemonMetrics.Metric] = [
        .init("calls_total", .counter, help: odd, samples: [.init(["method": "a.b", "odd": odd], 3)]),
        .init("age_seconds", .gauge, unit: "seconds", help: "Age.", samples: [.init([:], 0.25), .init(["x": ""], -1)]),
        .init(
            "took_seconds",
            .histogram,
            unit: "seconds",
            help: "Time.",
            samples: [
                .init(
                    ["m": "x"],
                    count: 7,
                    sum: 12.5,
                    buckets: [.init(bound: 0.005, count: 2), .init(bound: 1, count: 6)]
                )
            ]
        ),
        .init("later", MetricType("summary"), help: "Unknown.", samples: [.init([:], 1e21)]),
        .init("nothing_total", .counter, help: "Has not happened.", samples: []),
        .init("no name", .gauge, help: "Cannot be written.", samples: [.init([:], 1)]),
    ]

    @Test(arguments: MetricsText.Format.allCases)
    func `a reader gets back what was written`(format: MetricsText.Format) throws {
        let read = try MetricsTextReader(MetricsText.text(Self.metrics, as: format))
        #expect(
            read.samples == [
                .init(name: "calls_total", labels: ["method": "a.b", "odd": Self.odd], value: 3),
                .init(name: "age_seconds", labels: [:], value: 0.25),
                .init(name: "age_seconds", labels: ["x": ""], value: -1),
                .init(name: "took_seconds_bucket", labels: ["m": "x", "le": "0.005"], value: 2),
                .init(name: "took_seconds_bucket", labels: ["m": "x", "le": "1"], value: 6),
                .init(name: "took_seconds_bucket", labels: ["m": "x", "le": "+Inf"], value: 7),
                .init(name: "took_seconds_sum", labels: ["m": "x"], value: 12.5),
                .init(name: "took_seconds_count", labels: ["m": "x"], value: 7),
                .init(name: "later", labels: [:], value: 1e21),
            ]
        )
        let isOpen = format == .openmetrics
        let calls = isOpen ? "calls" : "calls_total"
        #expect(
            read.types == [
                calls: "counter", "age_seconds": "gauge", "took_seconds": "histogram",
                "later": isOpen ? "unknown" : "untyped",
            ]
        )
        #expect(read.helps[calls] == Self.odd)
        #expect(read.units == (isOpen ? ["age_seconds": "seconds", "took_seconds": "seconds"] : [:]))
        #expect(read.hasEnd == isOpen)
    }

    @Test func `help texts have quotation marks escaped in OpenMetrics only`() {
        let metric = DaemonMetrics.Metric("a", .gauge, help: "\"x\"", samples: [.init([:], 1)])
        #expect(MetricsText.text([metric], as: .prometheus).hasPrefix("# HELP a \"x\"\n"))
        #expect(MetricsText.text([metric], as: .openmetrics).hasPrefix("# HELP a \\\"x\\\"\n"))
    }

    @Test func `nothing that an agent sends can move the cursor`() throws {
        let metric = DaemonMetrics.Metric("a", .gauge, help: "h\u{1B}[2J", samples: [.init(["l": "\u{9B}x\r"], 1)])
        let text = MetricsText.text([metric], as: .prometheus)
        #expect(try MetricsTextReader(text).samples == [.init(name: "a", labels: ["l": "?x?"], value: 1)])
        #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\r" })
    }
}
