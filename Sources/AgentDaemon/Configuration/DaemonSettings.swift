package import AgentProtocol
package import Logging

/// The `[Daemon]` section: sockets, limits, logging and audit.
///
/// Defaults, ranges and meanings are described once, in ``DaemonKeys``.
package struct DaemonSettings: Sendable, Equatable {
    /// What happens to a call whose audit record would find no place.
    package enum AuditOverflow: String, Sendable, CaseIterable {
        /// The call is refused as overloaded.
        case refuse
        /// The call goes on, its record is dropped, counted and reported.
        case drop
    }

    /// How users appear in the audit trail.
    package enum AuditTargets: String, Sendable, CaseIterable {
        /// As keyed hashes.
        case hashed
        /// As the identifiers that callers sent.
        case plain
    }

    /// `Socket=`: absolute path of the main socket.
    package var socket: String
    /// `ControlSocket=`: absolute path of the control socket.
    package var controlSocket: String
    /// `CredentialSocket=`: absolute path of the credential socket, if the agent is to make one.
    package var credentialSocket: String?
    /// `LogLevel=`
    package var logLevel: Logger.Level
    /// Where ``logLevel`` comes from.
    package var logLevelSource: LogLevelSource
    /// `MaximumLineBytes=`: length of a request line in bytes, without its end.
    package var maximumLineBytes: Int
    /// `MaximumConnections=`: connections open at once, both sockets together.
    package var maximumConnections: Int
    /// `MaximumConnectionsPerUser=`: of these, by one uid.
    package var maximumConnectionsPerUser: Int
    /// `MaximumCallsInFlight=`: calls being served at once.
    package var maximumCallsInFlight: Int
    /// `MaximumCallsInFlightPerUser=`: of these, by one uid.
    package var maximumCallsInFlightPerUser: Int
    /// `FirstLineTimeout=`: time for a new connection to send its first line.
    package var firstLineTimeout: Duration
    /// `LineTimeout=`: time from a line's first byte to its end.
    package var lineTimeout: Duration
    /// `UnreadAnswersTimeout=`: how long a peer may leave answers unread.
    package var unreadAnswersTimeout: Duration
    /// `DrainTimeout=`: time for calls in flight to end when the agent stops.
    package var drainTimeout: Duration
    /// `ReleaseGrid=` and `ReleaseJitter=`: when uniform answers are released.
    package var releaseGrid: ResponseTimeQuantizer
    /// `AttemptBudget=`, `AttemptWindow=`, `SendInterval=`, `SendBudget=`, `SendWindow=` and `CallerSendBudget=`.
    package var throttle: ThrottleLimits
    /// `ThrottleRecords=`: failed attempts that are remembered.
    package var throttleRecords: Int
    /// `AuditWhenFull=`
    package var auditWhenFull: AuditOverflow
    /// `AuditQueueSize=`: records that may wait.
    package var auditQueueSize: Int
    /// `AuditTargets=`
    package var auditTargets: AuditTargets
}
