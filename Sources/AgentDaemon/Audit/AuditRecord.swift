package import AgentProtocol

/// What the journal keeps of one call: who asked for what, through which rule, and what came of it.
///
/// Nothing in it is secret: the target is a keyed hash unless the configuration says otherwise, and no parameter, password,
/// token or code has a place here.
package struct AuditRecord: Sendable, Equatable {
    /// The kind of event.
    package var event: AuditEvent
    /// The method as the caller named it, cut to what a method name may hold (``safeMethod(_:)``).
    package var method: String
    /// The verdict, `ok` for a result without one, or `error`.
    package var verdict: String
    /// The kind of error when `verdict` is `error`.
    package var error: String?
    /// Why, in one word: Mosaic's reason for a refusal, or what the agent's own step objected to.
    package var reason: String?
    /// Whether a failed call may have had an effect at Mosaic (`not_sent`, `refused`, `unknown`).
    package var outcome: String?
    /// The configured client that acted.
    package var client: String?
    /// The access rule that allowed the call.
    package var rule: String?
    /// The caller's effective user id.
    package var callerUID: UInt32
    /// The caller's process id when it connected.
    package var callerPID: Int32
    /// The caller's systemd unit, where it is known.
    package var callerUnit: String?
    /// The socket it came by, `main`, `control` or `credential`.
    package var socket: String
    /// The user the call is about, hashed (``TargetDigest``) or plain by configuration.
    package var target: String?
    /// The agent's own id of the call, as errors name it.
    package var callID: String
    /// The caller's own id for the trace, from `meta.trace_id`.
    package var traceID: String?
    /// The HTTP status of Mosaic's answer, if there was one.
    package var upstreamStatus: Int?
    /// From the call's arrival to the decision, without the wait for the release grid.
    package var duration: Duration
    /// Whether the caller's connection was there when the answer was ready.
    package var delivered: Bool
    /// Whether the answer was a remembered one.
    package var replay: Bool

    /// A record with the members that every call has; the others are set as they become known.
    ///
    /// - Parameter isKnownMethod: whether the method is one of the protocol's, whose names are fit for the journal.
    package init(
        event: AuditEvent,
        method: String,
        verdict: String,
        callerUID: UInt32,
        callerPID: Int32,
        socket: String,
        callID: String,
        duration: Duration,
        isKnownMethod: Bool = false
    ) {
        self.event = event
        self.method = isKnownMethod || method == Self.noCall ? method : Self.safeMethod(method)
        self.verdict = verdict
        self.callerUID = callerUID
        self.callerPID = callerPID
        self.socket = socket
        self.callID = callID
        self.duration = duration
        self.delivered = false
        self.replay = false
    }

    /// The method of a line that is no call.
    package static let noCall = "(no call)"

    /// A method name fit for the journal: a caller may send anything as a method, and this is the one text of its own
    /// making that is written down as it stands.
    package static func safeMethod(_ method: String) -> String {
        let utf8 = method.utf8
        let allowed = utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        }
        return allowed && (1...64).contains(utf8.count) ? method : "(not a method name)"
    }
}
