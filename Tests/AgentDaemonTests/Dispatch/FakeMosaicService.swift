import Synchronization

@testable import MosaicAPI

/// A Mosaic client that answers what a test tells it to, and remembers what it was asked.
///
/// It behaves as the real one does around a call: asks for the last word before "sending", waits until the test lets the
/// answer come, and throws when its task is cancelled while it waits.
final class FakeMosaicService: MosaicService {
    enum Step: Sendable {
        case answer(PasswordAuthenticationResult)
        /// The output of an operation, which must be of its type.
        case output(any Sendable)
        /// Fails before the last word is asked for.
        case failBeforeSending(APIFailure)
        /// Fails after the last word.
        case failAfterSending(APIFailure)
        /// Has the request sent twice before it answers.
        case answerTheRepeat(PasswordAuthenticationResult)
        /// Is answered in a way that may be a decision, and cannot be repeated.
        case failAfterOpenAnswer(APIFailure)
        /// Is answered with a status that decides nothing.
        case refuse(APIFailure, status: Int)
        /// Is sent and never answered.
        case hang
        /// Hangs before it is sent, as while a token is fetched.
        case hangBeforeSending
    }

    private struct State {
        var step: Step
        var requests: [PasswordAuthenticateOperation] = []
        var operations: [any APIOperation] = []
        var refreshed: [UserTokenRefresh] = []
        var verified: [TokenVerification] = []
        var lent: [(resource: String?, minimumValidity: Duration)] = []
        var status = FakeMosaicService.status(token: .valid, remaining: .seconds(3600))
        var refresh: Result<Void, APIFailure> = .success(())
        var refreshes = 0
        var isShutDown = false
        var applicationID: Result<String?, APIFailure> = .success("app-of-token")
        var knownApplicationID: String? = "app-of-token"
    }

    /// The HTTP status of every answer.
    static let answerStatus = 299

    let name: String
    let isEmulated: Bool
    let isInsecure: Bool
    private let state: Mutex<State>
    private let reached = AsyncStream.makeStream(of: Void.self)

    init(name: String = "default", _ step: Step, isEmulated: Bool = false, isInsecure: Bool = false) {
        self.name = name
        self.isEmulated = isEmulated
        self.isInsecure = isInsecure
        state = Mutex(State(step: step))
    }

    var requests: [PasswordAuthenticateOperation] { state.withLock { $0.requests } }
    /// The operations it was asked to carry out.
    var operations: [any APIOperation] { state.withLock { $0.operations } }
    /// The refresh tokens it was asked to spend.
    var refreshed: [UserTokenRefresh] { state.withLock { $0.refreshed } }
    /// The tokens it was asked to check.
    var verified: [TokenVerification] { state.withLock { $0.verified } }
    /// What it was asked for its own token for.
    var lent: [(resource: String?, minimumValidity: Duration)] { state.withLock { $0.lent } }
    /// Changes what comes of the next call.
    func become(_ step: Step) { state.withLock { $0.step = step } }
    var refreshes: Int { state.withLock { $0.refreshes } }
    var status: MosaicClientStatus { state.withLock { $0.status } }

    func become(_ status: MosaicClientStatus) { state.withLock { $0.status = status } }
    func answerRefresh(_ result: Result<Void, APIFailure>) { state.withLock { $0.refresh = result } }

    /// Waits until a call has come to the point where it hangs.
    func untilHanging() async {
        for await _ in reached.stream { return }
    }

    func authenticatePassword(
        _ request: PasswordAuthenticateOperation,
        call: UpstreamCall
    ) async throws(APIFailure) -> PasswordAuthenticationResult {
        let step = state.withLock { state in
            state.requests.append(request)
            return state.step
        }
        return try await carryOut(step, call: call)
    }

    func perform<Operation: APIOperation>(
        _ operation: Operation,
        call: UpstreamCall
    ) async throws(APIFailure) -> Operation.Output {
        let step = state.withLock { state in
            state.operations.append(operation)
            return state.step
        }
        return try await carryOut(step, call: call)
    }

    func refresh(_ refresh: UserTokenRefresh, call: UpstreamCall) async throws(APIFailure) -> UserTokens {
        let step = state.withLock { state in
            state.refreshed.append(refresh)
            return state.step
        }
        return try await carryOut(step, call: call)
    }

    func verify(_ verification: TokenVerification, call: UpstreamCall) async throws(APIFailure) -> TokenVerdict {
        let step = state.withLock { state in
            state.verified.append(verification)
            return state.step
        }
        return try await carryOut(step, call: call)
    }

    func clientToken(
        resource: String?,
        minimumValidity: Duration,
        call: UpstreamCall
    ) async throws(APIFailure) -> IssuedClientToken {
        let step = state.withLock { state in
            state.lent.append((resource, minimumValidity))
            return state.step
        }
        return try await carryOut(step, call: UpstreamCall(deadline: call.deadline))
    }

    private func carryOut<Output>(_ step: Step, call: UpstreamCall) async throws(APIFailure) -> Output {
        switch step {
        case .failBeforeSending(let failure):
            throw failure
        case .hangBeforeSending:
            await hang()
            throw APIFailure(.cancelled, outcome: .notSent, transport: .cancelled)
        case .answer(let result):
            return try answer(result, call: call)
        case .output(let output):
            return try answer(output, call: call)
        case .answerTheRepeat(let result):
            guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
            call.maybeDecided()
            return try answer(result, call: call)
        case .failAfterOpenAnswer(let failure):
            guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
            call.maybeDecided()
            throw failure
        case .refuse(let failure, let status):
            guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
            call.didAnswer(status)
            throw failure
        case .failAfterSending(let failure):
            guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
            throw failure
        case .hang:
            guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
            await hang()
            throw APIFailure(.cancelled, outcome: .unknown, transport: .cancelled)
        }
    }

    private func answer<Output>(_ output: any Sendable, call: UpstreamCall) throws(APIFailure) -> Output {
        guard call.willSend() else { throw APIFailure(.cancelled, outcome: .notSent, transport: .aborted) }
        call.didAnswer(Self.answerStatus)
        guard let output = output as? Output else { preconditionFailure("the test's output is no \(Output.self)") }
        return output
    }

    func refreshToken(deadline: ContinuousClock.Instant) async throws(APIFailure) {
        let result = state.withLock { state in
            state.refreshes += 1
            return state.refresh
        }
        try result.get()
    }

    /// Says what its token tells about the application.
    func answerApplicationID(_ result: Result<String?, APIFailure>) { state.withLock { $0.applicationID = result } }

    /// Has it know another application, or none, without being asked.
    func know(applicationID: String?) { state.withLock { $0.knownApplicationID = applicationID } }

    var knownApplicationID: String? { state.withLock { $0.knownApplicationID } }

    func applicationID(deadline: ContinuousClock.Instant) async throws(APIFailure) -> String? {
        try state.withLock { $0.applicationID }.get()
    }

    func run() async {
        let forever = AsyncStream<Void> { _ in }
        for await _ in forever {}
    }

    func shutdown() async { state.withLock { $0.isShutDown = true } }

    var isShutDown: Bool { state.withLock { $0.isShutDown } }

    /// Returns when the task is cancelled.
    private func hang() async {
        reached.continuation.yield()
        let forever = AsyncStream<Void> { _ in }
        for await _ in forever {}
    }

    static func status(
        token: MosaicClientStatus.TokenState,
        age: Duration? = .seconds(60),
        remaining: Duration? = nil,
        tokenFailure: MosaicClientStatus.RememberedFailure? = nil,
        callFailure: MosaicClientStatus.RememberedFailure? = nil,
        breaker: MosaicClientStatus.BreakerState = .closed
    ) -> MosaicClientStatus {
        MosaicClientStatus(
            token: token,
            tokenAge: age,
            tokenRemaining: remaining,
            isFetching: false,
            tokenFailure: tokenFailure,
            lastSuccessAge: nil,
            callFailure: callFailure,
            breaker: breaker
        )
    }
}
