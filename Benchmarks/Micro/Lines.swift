import AgentProtocol
import Benchmark

/// The framer over a read of 16 requests, and the reading of a request from its line.
func measureLines() {
    let chunk = Array(repeating: Sample.request + [UInt8(ascii: "\n")], count: 16).flatMap(\.self)
    Benchmark("framer: 16 lines in one read") { benchmark in
        for _ in benchmark.scaledIterations {
            var framer = LineFramer()
            var position = 0
            while let event = framer.next(in: chunk.span, at: &position) { blackHole(event) }
        }
    }
    Benchmark("request: from its line") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(IncomingLine(parsing: Sample.request)) }
    }
}
