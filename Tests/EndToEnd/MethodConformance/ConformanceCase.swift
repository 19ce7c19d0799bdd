import Foundation
import TestSupport
import Testing

/// One thing that is shown of one method: a test case that can be run alone, with users and calls of its own.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    /// What is shown: something that every method must show, or a case of the method's own.
    enum Kind: Equatable {
        /// The good call is granted.
        case granted
        /// A client whose rule lacks a right is `forbidden`, and nothing is sent.
        case withoutRights
        /// An unknown parameter is refused, and nothing is sent.
        case unknownParameter
        /// While Mosaic fails the answer says so, and the very same call is granted afterwards.
        case outage
        /// Mosaic asks to slow down, and the client keeps to it.
        case rateLimit
        /// The agent's client lacks a permission at Mosaic.
        case permission
        /// Mosaic is not there at all.
        case gone
        /// A case of the method's own.
        case own
    }

    let cases: MethodCases
    let kind: Kind
    /// The case of the method's own; the good call for the others.
    let own: Case

    private init(_ cases: MethodCases, _ kind: Kind, _ own: Case? = nil) {
        self.cases = cases
        self.kind = kind
        self.own = own ?? cases.granted
    }

    var testDescription: String {
        let what =
            switch kind {
            case .granted, .own: own.name
            case .withoutRights: "without one of its rights"
            case .unknownParameter: "with an unknown parameter"
            case .outage: "while Mosaic fails"
            case .rateLimit: "when Mosaic asks to slow down"
            case .permission: "as a client that lacks the permission"
            case .gone: "while Mosaic is gone"
            }
        return "\(cases.method): \(what)"
    }

    /// All cases of these methods; with `CONFORMANCE_CASE` in the environment those whose name has that text.
    static func all(of methods: [MethodCases]) -> [ConformanceCase] {
        chosen(
            methods.flatMap { cases in
                let effect = MethodSpec.method(cases.method)?.effect ?? .local
                var kinds: [Kind] = [.granted, .withoutRights, .unknownParameter]
                if effect != .local { kinds.append(.outage) }
                if effect != .local, !cases.worksAlone { kinds.append(.rateLimit) }
                if effect != .local, !cases.worksAlone, cases.asksAsClient { kinds.append(.permission) }
                return kinds.map { ConformanceCase(cases, $0) } + cases.cases.map { ConformanceCase(cases, .own, $0) }
            }
        )
    }

    /// Each method that acts at Mosaic, without it.
    static func gone(_ methods: [MethodCases]) -> [ConformanceCase] {
        chosen(methods.filter { MethodSpec.method($0.method)?.effect != .local }.map { ConformanceCase($0, .gone) })
    }

    private static func chosen(_ cases: [ConformanceCase]) -> [ConformanceCase] {
        guard let text = ProcessInfo.processInfo.environment["CONFORMANCE_CASE"] else { return cases }
        return cases.filter { $0.testDescription.contains(text) }
    }

    /// Shows it on the bed of its suite.
    func run() async throws {
        let stage = try #require(ConformanceStage.current, "the suite has no trait .conformanceBed")
        try await stage.run(self)
    }
}

/// Has the bed of a suite to itself; the cases come one after the other, and the first starts it.
///
/// Not the suite: suites begin long before it is their turn, and a connection that says nothing is closed.
actor ConformanceStage {
    /// The stage of the suite that runs.
    @TaskLocal static var current: ConformanceStage?

    private let methods: [MethodCases]
    private let isGone: Bool
    private var bed: ConformanceBed?
    private var holder: Task<Void, any Error>?
    private let end = AsyncStream.makeStream(of: Void.self)

    init(_ methods: [MethodCases], isGone: Bool) {
        self.methods = methods
        self.isGone = isGone
    }

    /// Shows a case.
    func run(_ single: ConformanceCase) async throws {
        if holder == nil {
            let (started, starts) = AsyncStream.makeStream(of: Void.self)
            holder = Task {
                defer { starts.finish() }
                try await hold(starts)
            }
            for await _ in started { break }
        }
        if bed == nil { try await holder?.value }
        try await #require(bed).carryOut(single)
    }

    /// Starts an emulator and an agent; at the end, ends them and looks through what they have written.
    private func hold(_ starts: AsyncStream<Void>.Continuation) async throws {
        try await TestBed.with(users: "[]", agent: .walk(methods.map(\.method))) { world in
            // Eight digits instead of six, so that a code in a log can be told from a number.
            try await SandboxControl(world.sandbox).send(
                "PATCH",
                "preferences",
                ["password": ["codeLength": 8], "email_otp": ["codeLength": 8], "sms": ["codeLength": 8]]
            )
            // Every client has its token before anything is counted.
            _ = try world.agent.askControl("daemon.refresh_token")
            let bed = try await ConformanceBed(world)
            if isGone { try await bed.takeMosaicAway(methods) }
            self.bed = bed
            starts.yield()
            for await _ in end.stream {}
            for problem in try await bed.audit() { Issue.record("\(problem)") }
        }
    }

    /// Ends the bed, if there is one.
    func finish() async throws {
        end.continuation.finish()
        try await holder?.value
    }
}

/// Gives a suite a bed for the cases of some methods.
struct ConformanceTrait: SuiteTrait, TestScoping {
    let methods: [MethodCases]
    let isGone: Bool

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let stage = ConformanceStage(methods, isGone: isGone)
        do {
            try await ConformanceStage.$current.withValue(stage) { try await function() }
        } catch {
            try? await stage.finish()
            throw error
        }
        try await stage.finish()
    }
}

extension Trait where Self == ConformanceTrait {
    /// One agent and one emulator for the cases of these methods.
    static func conformanceBed(_ methods: [MethodCases], isGone: Bool = false) -> Self {
        ConformanceTrait(methods: methods, isGone: isGone)
    }
}
