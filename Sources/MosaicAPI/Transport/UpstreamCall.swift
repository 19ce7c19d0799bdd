/// What a caller of the API hands along with one operation: how long it may take, and a word before it leaves.
package struct UpstreamCall: Sendable {
    /// When the caller stops waiting. Handed on to the HTTP request.
    package private(set) var deadline: ContinuousClock.Instant

    /// The user id on whose behalf the call is made, by which failures, probes and rates are shared out; 0, root's, for
    /// what the agent does of its own accord.
    package let uid: UInt32

    /// Called exactly when the caller's own request, not a token fetch on its behalf, is about to leave the host.
    ///
    /// Answering `false` aborts: nothing is sent, and the operation fails with outcome `notSent`. From the moment it
    /// answers `true` the request counts as sent. It is called a second time when the request is repeated after a
    /// rejected bearer token. It runs on an arbitrary thread and must not block.
    package let willSend: @Sendable () -> Bool

    /// Called with the HTTP status once the answer is there that decides the caller's own request: not for an answer
    /// after which the request is repeated. It runs on an arbitrary thread and must not block.
    package let didAnswer: @Sendable (_ status: Int) -> Void

    /// Called before the request is repeated after a 401. Mosaic may have counted the first attempt as well as the second
    /// one. It runs on an arbitrary thread and must not block.
    package let willRepeat: @Sendable () -> Void

    /// A call with a deadline, a last word, and those to tell of a repetition and of the answer.
    package init(
        deadline: ContinuousClock.Instant,
        uid: UInt32 = 0,
        willSend: @escaping @Sendable () -> Bool = { true },
        didAnswer: @escaping @Sendable (_ status: Int) -> Void = { _ in },
        willRepeat: @escaping @Sendable () -> Void = {}
    ) {
        self.deadline = deadline
        self.uid = uid
        self.willSend = willSend
        self.didAnswer = didAnswer
        self.willRepeat = willRepeat
    }

    /// The same call, which ends at `instant` if it would end later.
    package func ending(by instant: ContinuousClock.Instant) -> UpstreamCall {
        guard instant < deadline else { return self }
        var copy = self
        copy.deadline = instant
        return copy
    }
}
