import AgentDaemon
import AgentProtocol
import Benchmark

/// The line of one audit record.
func measureAudit() {
    var record = AuditRecord(
        event: .granted,
        method: "password.authenticate",
        verdict: "granted",
        callerUID: 1000,
        callerPID: 4711,
        socket: "main",
        callID: "0123456789abcdef",
        duration: .milliseconds(12),
        isKnownMethod: true
    )
    record.client = "default"
    record.rule = "web"
    record.target = "h1:0123456789abcdef0123456789abcdef"
    record.upstreamStatus = 200
    record.delivered = true
    let entry = AuditEntry.call(record)
    Benchmark("audit: the lines of 16 records") { benchmark in
        for _ in benchmark.scaledIterations {
            var lines = AuditLines(at: "2026-01-01T00:00:00.000Z", count: 16)
            for _ in 0..<16 { lines.append(entry) }
            blackHole(lines.bytes.count)
        }
    }
}
