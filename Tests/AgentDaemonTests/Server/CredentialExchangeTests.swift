import Testing

@testable import AgentDaemon

/// What happens on a connection to the credential socket, and when.
@Suite struct CredentialExchangeTests {
    private static let start = ContinuousClock.now
    private static let deadline = start + .seconds(10)

    private static func begun() -> CredentialExchange {
        CredentialExchange(deadline: deadline, unreadAge: .seconds(30))
    }

    @Test func `a credential is written, and the peer has its time to read it`() {
        var exchange = Self.begun()
        #expect(exchange.timerDue == Self.deadline)
        #expect(exchange.timer(now: Self.deadline - .nanoseconds(1)) == .goOn)
        let answered = Self.start + .seconds(3)
        #expect(exchange.answered(hasCredential: true, now: answered) == .write)
        #expect(exchange.timerDue == answered + .seconds(30))
        #expect(exchange.timer(now: Self.deadline + .seconds(10)) == .goOn)
        #expect(exchange.timer(now: answered + .seconds(30)) == .close)
        #expect(exchange.timerDue == nil)
    }

    @Test func `a refusal closes`() {
        var exchange = Self.begun()
        #expect(exchange.answered(hasCredential: false, now: Self.start) == .close)
        #expect(exchange.timerDue == nil)
        #expect(exchange.timer(now: Self.deadline) == .goOn)
    }

    @Test func `at the deadline the call ends; if it does not, the connection closes without it`() {
        var exchange = Self.begun()
        #expect(exchange.timer(now: Self.deadline) == .endCall)
        #expect(exchange.timer(now: Self.deadline) == .goOn)
        #expect(exchange.timerDue == Self.deadline + CredentialExchange.timeout)
        #expect(exchange.timer(now: Self.deadline + CredentialExchange.timeout) == .close)
        #expect(exchange.answered(hasCredential: true, now: Self.deadline + .seconds(2)) == .discard)
    }

    @Test func `a token that came just in time is written`() {
        var exchange = Self.begun()
        #expect(exchange.timer(now: Self.deadline) == .endCall)
        #expect(exchange.answered(hasCredential: true, now: Self.deadline) == .write)
    }

    @Test func `nothing is written to a peer that is gone`() {
        var exchange = Self.begun()
        exchange.abandon()
        #expect(exchange.timerDue == nil)
        #expect(exchange.answered(hasCredential: true, now: Self.start) == .discard)
    }
}
