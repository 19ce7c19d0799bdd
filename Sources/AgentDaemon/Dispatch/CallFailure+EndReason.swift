import AgentProtocol

extension CallFailure {
    /// The failure of a call that was ended before its answer was known.
    ///
    /// - Parameter progress: how far its own upstream request had come: once it has begun, its effect is unknown.
    package init(_ ending: CallLifecycle.EndReason, progress: CallLifecycle.Progress) {
        let outcome: Outcome = progress == .notBegun ? .notSent : .unknown
        switch ending {
        case .cancelled:
            self.init(.cancelled, "the call was cancelled", outcome: outcome)
        case .deadline:
            self.init(.deadlineExceeded, "the deadline of the call has passed", outcome: outcome)
        case .peerGone:
            self.init(.cancelled, "the caller has gone", outcome: outcome, reason: "peer_gone")
        case .shuttingDown:
            self.init(.shuttingDown, "the agent is stopping", outcome: outcome)
        }
    }
}
