import Benchmark
import MosaicAPI
import Secrets

/// The client's access token, which a login takes from its source.
func measureToken() {
    let now = ContinuousClock.now
    let machine = ClientTokenStateMachine(
        token: ClientToken(
            value: Secret(copying: Sample.token(400).utf8),
            receivedAt: now,
            refreshAt: now + .seconds(36_000),
            usableUntil: now + .seconds(72_000)
        )
    )
    Benchmark("token source: the token at hand") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(machine.tokenAtHand(at: now)) }
    }
}
