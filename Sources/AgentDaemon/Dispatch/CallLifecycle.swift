import Synchronization

/// What the connection and the dispatcher tell each other about one call while it runs.
///
/// The connection ends a call early (``end(_:)``); the dispatcher marks how far the upstream request has come
/// (``beginUpstream()``, ``upstreamAnswered()``). Both may happen at the same time on different threads, and the single
/// lock here decides who was first: a call ended before its upstream request began is never sent.
package final class CallLifecycle: Sendable {
    /// Why a call was ended before it had its answer.
    package enum EndReason: Sendable, Hashable {
        /// The peer sent `$/cancel` for it: answer `-32800`.
        case cancelled
        /// Its deadline passed: answer 1004.
        case deadline
        /// The connection broke: the answer will not be read, the call is audited as not delivered.
        case peerGone
        /// The daemon is stopping: answer 1005.
        case shuttingDown
    }

    /// How far the call's own upstream request has come (fetching a client access token does not count).
    package enum Progress: Sendable, Hashable {
        /// Nothing was sent, so the outcome of an ended call is `not_sent`.
        case notBegun
        /// The request left, its answer has not come: the outcome of an ended call is `unknown`.
        case begun
        /// The answer has arrived: only the daemon's stop can still end the call.
        case answered
        /// The answer has arrived and is held back so that its instant tells nothing. `$/cancel` and the deadline end the
        /// call as if the answer were still to come; else they would show whether it had arrived.
        case held
    }

    private struct State: Sendable {
        var ending: EndReason?
        var progress = Progress.notBegun
        var task: Task<Void, Never>?
        /// Whether the task has ended.
        var isOver = false
    }

    private let state = Mutex(State())

    /// A control of a call that has not begun.
    package init() {}

    // MARK: For the dispatcher

    /// Asked right before the call's own request leaves for the upstream.
    ///
    /// - Returns: false if the call has already ended; the request must then not be sent. A second request of the same
    ///   call (the repeat after a dead bearer) asks again.
    package func beginUpstream() -> Bool {
        state.withLock { state in
            guard state.ending == nil else { return false }
            state.progress = .begun
            return true
        }
    }

    /// Told when the call's upstream answer has arrived and decides the call: from now on `$/cancel` and the deadline
    /// change nothing.
    ///
    /// Has no effect on a call that has already ended: its answer was decided by that.
    package func upstreamAnswered() {
        state.withLock { state in
            guard state.ending == nil else { return }
            state.progress = .answered
        }
    }

    /// Told when the call's answer is known and held back for the release grid.
    ///
    /// Has no effect on a call that has already ended.
    package func hold() {
        state.withLock { state in
            guard state.ending == nil else { return }
            state.progress = .held
        }
    }

    /// Why the call was ended, or nil while it may go on.
    ///
    /// The dispatcher checks it first of all (a call can be ended before it is dispatched) and again whenever its task
    /// is cancelled.
    package var ending: EndReason? { state.withLock { $0.ending } }

    /// How far the upstream request has come.
    package var progress: Progress { state.withLock { $0.progress } }

    // MARK: For the connection

    /// Ends the call early: from here on nothing more is sent for it and its task is cancelled.
    ///
    /// The first ending wins. It has no effect on a call whose upstream answer has arrived, unless that is held back, and
    /// ``Ending/peerGone`` has none on one whose request has been sent: that one runs to its end. ``Ending/shuttingDown``
    /// always cancels the task, so that not even a release grid holds up the stop, and lets a held answer out.
    ///
    /// - Returns: whether the call is now ended for this reason.
    @discardableResult
    package func end(_ ending: EndReason) -> Bool {
        let (ended, task) = state.withLock { state -> (Bool, Task<Void, Never>?) in
            guard state.ending == nil, state.progress.allows(ending) else {
                return (false, ending == .shuttingDown ? state.task : nil)
            }
            state.ending = ending
            return (true, state.task)
        }
        task?.cancel()
        return ended
    }

    /// The call's work is over: what its task holds is let go.
    func workEnded() {
        state.withLock { state in
            state.task = nil
            state.isOver = true
        }
    }

    /// The call's work has begun in its one task, which ``end(_:)`` can cancel; that task says ``workEnded()`` at its end.
    func workBegan(in task: Task<Void, Never>) {
        let isEnded = state.withLock { state in
            if !state.isOver { state.task = task }
            return state.ending != nil
        }
        if isEnded { task.cancel() }
    }
}

extension CallLifecycle.Progress {
    /// Whether a call that has come so far can still be ended for this reason.
    fileprivate func allows(_ ending: CallLifecycle.EndReason) -> Bool {
        switch self {
        case .notBegun: true
        case .begun: ending != .peerGone
        case .answered: false
        case .held: ending == .cancelled || ending == .deadline
        }
    }
}
