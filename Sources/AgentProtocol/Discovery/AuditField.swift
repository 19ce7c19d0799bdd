/// The journal fields of an audit record, beside the usual ones of an entry.
///
/// A record has those of them that are known of the call. Fields are added, never renamed: programs read them, by
/// `journalctl --output=json` and by `mosaicctl audit --json`, where ``member`` is their name.
package enum AuditField: String, Sendable, CaseIterable {
    /// The method as the caller named it.
    case method = "MOSAIC_METHOD"
    /// The verdict, `ok` for a result without one, `error` for an error.
    case verdict = "MOSAIC_VERDICT"
    /// The kind of the error.
    case error = "MOSAIC_ERROR"
    /// Why, in one word.
    case reason = "MOSAIC_REASON"
    /// Whether a failed call may have had an effect at Mosaic: `not_sent`, `refused`, `unknown`.
    case outcome = "MOSAIC_OUTCOME"
    /// The configured client that acted.
    case client = "MOSAIC_CLIENT"
    /// The access rule that allowed the call.
    case rule = "MOSAIC_RULE"
    /// The caller's user id.
    case callerUID = "MOSAIC_CALLER_UID"
    /// The caller's process id when it connected.
    case callerPID = "MOSAIC_CALLER_PID"
    /// The caller's systemd unit.
    case callerUnit = "MOSAIC_CALLER_UNIT"
    /// The socket by which the call came: `main`, `control`.
    case socket = "MOSAIC_SOCKET"
    /// The user the call is about: a keyed hash, or plain by configuration.
    case target = "MOSAIC_TARGET"
    /// The agent's id of the call, which errors name.
    case callID = "MOSAIC_CALL_ID"
    /// The caller's own id for the trace.
    case traceID = "MOSAIC_TRACE_ID"
    /// The HTTP status of Mosaic's answer.
    case upstreamStatus = "MOSAIC_UPSTREAM_STATUS"
    /// From the call's arrival to the decision, in microseconds.
    case duration = "MOSAIC_DURATION_USEC"
    /// `0` if the caller's connection was gone when the answer was ready, or was lost before it could be written; else `1`.
    case delivered = "MOSAIC_DELIVERED"
    /// `1` if the answer was the remembered one to a repeated call, else `0`.
    case replay = "MOSAIC_REPLAY"
    /// How many calls there were; of ``AuditEvent/summary`` only, as the next two.
    case calls = "MOSAIC_CALLS"
    /// When the first of them was recorded, in microseconds since 1970.
    case firstTime = "MOSAIC_FIRST_REALTIME_USEC"
    /// When the last of them was.
    case lastTime = "MOSAIC_LAST_REALTIME_USEC"
    /// Calls refused because the audit queue was full; of ``AuditEvent/recordsLost`` only.
    case callsRefused = "MOSAIC_CALLS_REFUSED"
    /// Records dropped because the audit queue was full; of ``AuditEvent/recordsLost`` only.
    case recordsDropped = "MOSAIC_RECORDS_DROPPED"

    /// What its value is.
    package enum Form: Sendable {
        /// Text.
        case text
        /// A decimal integer.
        case integer
        /// `1` or `0`.
        case boolean
    }

    /// What its value is.
    package var form: Form {
        switch self {
        case .callerUID, .callerPID, .upstreamStatus, .duration, .calls, .firstTime, .lastTime, .callsRefused,
            .recordsDropped:
            .integer
        case .delivered, .replay: .boolean
        default: .text
        }
    }

    /// What the names of all of them begin with.
    package static let prefix = "MOSAIC_"

    /// The name in JSON of a field with that prefix, also of one that this version does not know: `caller_uid`.
    package static func member(ofField name: String) -> String {
        name.dropFirst(prefix.utf8.count).lowercased()
    }

    /// The name in JSON: `caller_uid`.
    package var member: String { Self.member(ofField: rawValue) }
}
