/// What a caller of the API hands along with one operation: how long it may take, and a word before it leaves.
package final class UpstreamCall: Sendable {
    /// When the caller stops waiting. Handed on to the HTTP request.
    package let deadline: ContinuousClock.Instant

    /// The user id on whose behalf the call is made, by which failures, probes and rates are shared out; 0, root's, for
    /// what the agent does of its own accord.
    package let uid: UInt32

    /// The caller's connection to the agent, by which its uid's calls take turns; 0 for what has none.
    package let connection: UInt64

    /// Has the last word before the request leaves, and is told of the answers.
    private let owner: any UpstreamCallOwner

    /// A call of `owner`.
    package init(
        deadline: ContinuousClock.Instant,
        uid: UInt32 = 0,
        connection: UInt64 = 0,
        owner: any UpstreamCallOwner
    ) {
        self.deadline = deadline
        self.uid = uid
        self.connection = connection
        self.owner = owner
    }

    /// A call with a deadline, a last word, and those to tell of the answers; see ``UpstreamCallOwner``.
    package convenience init(
        deadline: ContinuousClock.Instant,
        uid: UInt32 = 0,
        connection: UInt64 = 0,
        willSend: @escaping @Sendable () -> Bool = { true },
        didAnswer: @escaping @Sendable (_ status: Int) -> Void = { _ in },
        maybeDecided: @escaping @Sendable () -> Void = {}
    ) {
        self.init(
            deadline: deadline,
            uid: uid,
            connection: connection,
            owner: ClosureOwner(onSend: willSend, onAnswer: didAnswer, onOpenAnswer: maybeDecided)
        )
    }

    /// See ``UpstreamCallOwner/willSend()``.
    package func willSend() -> Bool { owner.willSend() }

    /// See ``UpstreamCallOwner/didAnswer(_:)``.
    package func didAnswer(_ status: Int) { owner.didAnswer(status) }

    /// See ``UpstreamCallOwner/maybeDecided()``.
    package func maybeDecided() { owner.maybeDecided() }

    /// The same call, which ends at `instant` if it would end later.
    package func ending(by instant: ContinuousClock.Instant) -> UpstreamCall {
        instant < deadline ? UpstreamCall(deadline: instant, uid: uid, connection: connection, owner: owner) : self
    }
}

/// Whose call it is: asked before a request leaves, and told what came back. All of it runs on an arbitrary thread and must
/// not block.
package protocol UpstreamCallOwner: AnyObject, Sendable {
    /// Called exactly when the caller's own request, not a token fetch on its behalf, is about to leave the host.
    ///
    /// Answering `false` aborts: nothing is sent, and the operation fails with outcome `notSent`. From the moment it
    /// answers `true` the request counts as sent. It is called a second time when the request is repeated after a
    /// rejected bearer token.
    func willSend() -> Bool

    /// Called with the HTTP status once the answer is there that decides the caller's own request: not for an answer
    /// after which the request is repeated.
    func didAnswer(_ status: Int)

    /// Called after a 401 that may have been a decision about the user or a refusal of the bearer token, before the request is
    /// repeated or given up: Mosaic may have counted the attempt.
    func maybeDecided()
}

/// An owner made of closures.
private final class ClosureOwner: UpstreamCallOwner {
    private let onSend: @Sendable () -> Bool
    private let onAnswer: @Sendable (_ status: Int) -> Void
    private let onOpenAnswer: @Sendable () -> Void

    init(
        onSend: @escaping @Sendable () -> Bool,
        onAnswer: @escaping @Sendable (_ status: Int) -> Void,
        onOpenAnswer: @escaping @Sendable () -> Void
    ) {
        self.onSend = onSend
        self.onAnswer = onAnswer
        self.onOpenAnswer = onOpenAnswer
    }

    func willSend() -> Bool { onSend() }
    func didAnswer(_ status: Int) { onAnswer(status) }
    func maybeDecided() { onOpenAnswer() }
}
