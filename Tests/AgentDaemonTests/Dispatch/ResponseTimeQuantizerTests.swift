import Testing

@testable import AgentDaemon

@Suite struct ResponseTimeQuantizerTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var decided: Int
        var jitter = 0.0
        var released: Int

        var testDescription: String {
            "decided after \(decided) ms, jitter \(jitter): released after \(released) ms"
        }
    }

    @Test(arguments: [
        Row(decided: 0, released: 400),
        Row(decided: 1, released: 400),
        Row(decided: 399, released: 400),
        Row(decided: 400, released: 800),
        Row(decided: 401, released: 800),
        Row(decided: 799, released: 800),
        Row(decided: 800, released: 1200),
        Row(decided: 9_999, released: 10_000),
        Row(decided: 10, jitter: 0.5, released: 410),
        Row(decided: 10, jitter: 1, released: 420),
        Row(decided: 10, jitter: 7, released: 420),
        Row(decided: 10, jitter: -1, released: 400),
        Row(decided: 395, jitter: 1, released: 420),
    ])
    func `a refusal leaves at the first point past its decision`(row: Row) {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .milliseconds(20))
        let arrival = ContinuousClock.now
        let release = grid.release(
            arrival: arrival,
            decision: arrival + .milliseconds(row.decided),
            jitter: row.jitter
        )
        #expect(release - arrival == .milliseconds(row.released))
    }

    @Test func `every decision within one step leaves at the same instant`() {
        let grid = ResponseTimeQuantizer(step: .milliseconds(400), maximumJitter: .zero)
        let arrival = ContinuousClock.now
        let releases = Set(
            (400..<800).map { decided in
                grid.release(
                    arrival: arrival,
                    decision: arrival + .milliseconds(decided),
                    jitter: 0.3
                )
            }
        )
        #expect(releases == [arrival + .milliseconds(800)])
    }

    @Test func `points that no binary fraction can express are still past the decision`() {
        let grid = ResponseTimeQuantizer(step: .nanoseconds(333_333_333), maximumJitter: .zero)
        let arrival = ContinuousClock.now
        for step in 1...1_000 {
            let decision = arrival + .nanoseconds(333_333_333) * step
            let release = grid.release(
                arrival: arrival,
                decision: decision,
                jitter: 0
            )
            #expect(release > decision)
            #expect(release - decision <= .nanoseconds(333_333_333))
        }
    }

    @Test func `a grid of zero holds nothing back`() {
        let arrival = ContinuousClock.now
        let decision = arrival + .milliseconds(3)
        let release = ResponseTimeQuantizer(step: .zero).release(
            arrival: arrival,
            decision: decision,
            jitter: 0.9
        )
        #expect(release == decision)
    }
}
