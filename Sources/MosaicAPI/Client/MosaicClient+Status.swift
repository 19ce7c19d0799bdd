extension MosaicClient {
    /// A snapshot of the client's health.
    package var status: MosaicClientStatus {
        let now = clock.now
        let calls = traffic.snapshot()
        return tokens.withMachine { machine in
            MosaicClientStatus(
                token: Self.tokenState(machine, at: now),
                tokenAge: machine.token?.age(at: now),
                tokenRemaining: machine.token.map { max(now.duration(to: $0.usableUntil), .zero) },
                isFetching: Self.isFetching(machine.phase),
                tokenFailure: machine.lastFailure.map { Self.remembered($0.failure, at: $0.at, now: now) },
                lastSuccessAge: calls.lastSuccess?.duration(to: now),
                callFailure: calls.lastFailure.map { Self.remembered($0.failure, at: $0.at, now: now) },
                breaker: Self.breakerState(calls.breakers[.authentication] ?? .closed(failures: 0)),
                breakers: calls.breakers.mapValues { Self.breakerState($0) },
                withheldAge: calls.lastWithheld?.duration(to: now)
            )
        }
    }

    private static func tokenState(
        _ machine: ClientTokenStateMachine,
        at now: ContinuousClock.Instant
    ) -> MosaicClientStatus.TokenState {
        if machine.lastFailure?.failure.kind == .credentialRejected { return .credentialRejected }
        if let token = machine.token, token.isUsable(at: now) { return .valid }
        return machine.hasHadToken ? .expired : .none
    }

    private static func isFetching(_ phase: ClientTokenStateMachine.Phase) -> Bool {
        switch phase {
        case .fetching, .pausing: true
        case .idle, .cooling, .rejected, .stopped: false
        }
    }

    private static func breakerState(_ state: CircuitBreaker.State) -> MosaicClientStatus.BreakerState {
        switch state {
        case .closed: .closed
        case .open(0): .open
        case .open: .halfOpen
        }
    }

    private static func remembered(
        _ failure: APIFailure,
        at instant: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> MosaicClientStatus.RememberedFailure {
        MosaicClientStatus.RememberedFailure(
            label: failure.label,
            advice: failure.advice,
            age: instant.duration(to: now)
        )
    }
}
