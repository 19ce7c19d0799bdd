package import Logging

/// The keys of `[Daemon]`, their defaults and ranges.
package enum DaemonKeys {
    /// `Socket=`
    package static let socket = DefaultedKey(
        "Socket",
        .socketPath,
        fallback: "/run/mosaicd/mosaicd.sock",
        """
        Path of the main socket, the one that programs connect to. Used when the service manager hands over no socket of \
        that name; the directory must exist or be creatable, belong to root or the agent and be writable by no one else. \
        The environment variable MOSAICD_SOCKET overrides it.
        """
    )
    /// `ControlSocket=`
    package static let controlSocket = DefaultedKey(
        "ControlSocket",
        .socketPath,
        fallback: "/run/mosaicd/control.sock",
        """
        Path of the control socket, for the administrator's mosaicctl. The environment variable MOSAICD_CONTROL_SOCKET \
        overrides it.
        """
    )
    /// `CredentialSocket=`
    package static let credentialSocket = ConfigurationKey(
        "CredentialSocket",
        .socketPath,
        otherwise: "no socket",
        """
        Path of the socket that gives units access tokens by LoadCredential=, see mosaicd(8). For an agent that runs \
        without mosaicd-credential.socket; where that unit is active, its socket is used and this key means nothing.
        """
    )
    /// `LogLevel=`
    package static let logLevel = DefaultedKey(
        "LogLevel",
        ValueSyntax<Logger.Level>.choice(Logger.Level.allCases.map { ($0.rawValue, $0) }, isSame: { $0 == $1 }),
        fallback: .info,
        """
        The least important messages that are logged. Audit records are not messages: they are always written. The \
        environment variable MOSAICD_LOG_LEVEL overrides it; 'mosaicctl log-level' changes it until the next reload or restart.
        """
    )
    /// `MaximumLineBytes=`
    package static let maximumLineBytes = DefaultedKey(
        "MaximumLineBytes",
        .bytes(65_536...1_048_576),
        fallback: 65_536,
        "Greatest length of a request line, without its end. A longer line is answered with an error and ends the connection."
    )
    /// `MaximumConnections=`
    package static let maximumConnections = DefaultedKey(
        "MaximumConnections",
        .integer(16...65_536),
        fallback: 4_096,
        """
        Connections open at once, both sockets together. Further ones are answered as overloaded and closed; some are \
        kept free for root and the control socket.
        """
    )
    /// `MaximumConnectionsPerUser=`
    package static let maximumConnectionsPerUser = DefaultedKey(
        "MaximumConnectionsPerUser",
        .integer(1...65_536),
        fallback: 256,
        """
        Connections open at once by one uid, root too. At most MaximumConnections. When few are free, a uid that has as \
        many as are free gets no more.
        """
    )
    /// `MaximumCallsInFlight=`
    package static let maximumCallsInFlight = DefaultedKey(
        "MaximumCallsInFlight",
        .integer(32...1_048_576),
        fallback: 8_192,
        "Calls being served at once. Further ones are answered as overloaded."
    )
    /// `MaximumCallsInFlightPerUser=`
    package static let maximumCallsInFlightPerUser = DefaultedKey(
        "MaximumCallsInFlightPerUser",
        .integer(1...1_048_576),
        fallback: 4_096,
        """
        Calls being served at once for one uid, root too. At most MaximumCallsInFlight. When few are free, a uid that \
        has as many as are free gets no more; root's are not counted in that.
        """
    )
    /// `FirstLineTimeout=`
    package static let firstLineTimeout = DefaultedKey(
        "FirstLineTimeout",
        .timeSpan(.milliseconds(100) ... .seconds(600), example: "30s"),
        fallback: .seconds(30),
        "Time for a new connection to send its first line; empty lines do not count. Then it is answered with an error and closed."
    )
    /// `LineTimeout=`
    package static let lineTimeout = DefaultedKey(
        "LineTimeout",
        .timeSpan(.milliseconds(100) ... .seconds(60), example: "5s"),
        fallback: .seconds(5),
        "Time from the first byte of a line to its end. A line that takes longer is answered with an error and ends the connection."
    )
    /// `UnreadAnswersTimeout=`
    package static let unreadAnswersTimeout = DefaultedKey(
        "UnreadAnswersTimeout",
        .timeSpan(.milliseconds(100) ... .seconds(600), example: "30s"),
        fallback: .seconds(30),
        "How long a caller may leave answers unread before its connection is closed."
    )
    /// `DrainTimeout=`
    package static let drainTimeout = DefaultedKey(
        "DrainTimeout",
        .timeSpan(.zero ... .seconds(600), example: "15s"),
        fallback: .seconds(15),
        """
        Time for the calls in flight to end when the agent is stopped; what is left then is answered as shutting down. \
        The unit's TimeoutStopSec= must be longer.
        """
    )
    /// `ReleaseGrid=`
    package static let releaseGrid = DefaultedKey(
        "ReleaseGrid",
        .timeSpan(.zero ... .seconds(5), example: "400ms"),
        fallback: .milliseconds(400),
        """
        Answers that must not tell an unknown user from a wrong password (denied, accepted) are held until the next \
        multiple of this time after the call's arrival, so that the time Mosaic took does not show. It should be longer \
        than what Mosaic usually takes. 0 switches that off, and anyone who may log in can then find out who has an account.
        """
    )
    /// `ReleaseJitter=`
    package static let releaseJitter = DefaultedKey(
        "ReleaseJitter",
        .timeSpan(.zero ... .seconds(5), example: "25ms"),
        fallback: .milliseconds(25),
        "A random time of at most this is added to each point of the grid. At most ReleaseGrid."
    )
    /// `AuditWhenFull=`
    package static let auditWhenFull = DefaultedKey(
        "AuditWhenFull",
        ValueSyntax<DaemonSettings.AuditOverflow>.cases,
        fallback: .refuse,
        """
        What happens when the audit queue has no place for a further record of a caller, because the journal is behind or \
        takes none: refuse answers the caller's calls as overloaded, so that nothing goes unrecorded; drop serves them, drops \
        their records, counts them and says so in the journal.
        """
    )
    /// `AuditQueueSize=`
    package static let auditQueueSize = DefaultedKey(
        "AuditQueueSize",
        .integer(64...1_048_576),
        fallback: 8_192,
        """
        Audit records that may wait for the journal or belong to calls being served, about 1 KiB each; some more are kept for \
        root and the control socket. A uid may take one more place while it holds fewer than are free, so one caller \
        never takes more than half of them. At least twice MaximumCallsInFlightPerUser, which also is the default where that \
        is more than half of it.
        """
    )
    /// `AuditTargets=`
    package static let auditTargets = DefaultedKey(
        "AuditTargets",
        ValueSyntax<DaemonSettings.AuditTargets>.cases,
        fallback: .hashed,
        """
        How users appear in the audit records: hashed under a key that only the agent has, or plain, as callers sent them. \
        Plain identifiers are personal data in the journal, and users type passwords where a name should be.
        """
    )

    /// `AttemptBudget=`
    package static let attemptBudget = DefaultedKey(
        "AttemptBudget",
        .integer(1...1_000),
        fallback: ThrottleLimits().attemptBudget,
        """
        Failed attempts on one user (wrong passwords and codes, of an application, by all callers together) within \
        AttemptWindow, before the callers that failed there get throttled in place of another try. A caller that has not failed \
        there always passes. An attempt that has room only if some of the caller's own under way do not fail waits for them. Keep it below the application's maxPasswordFailures at Mosaic, 5 unless changed there: or \
        Mosaic locks the user out, for every caller.
        """
    )
    /// `AttemptWindow=`
    package static let attemptWindow = DefaultedKey(
        "AttemptWindow",
        .timeSpan(.seconds(1) ... .seconds(86_400), example: "15min"),
        fallback: ThrottleLimits().attemptWindow,
        "How long a failed attempt counts."
    )
    /// `ThrottleRecords=`
    package static let throttleRecords = DefaultedKey(
        "ThrottleRecords",
        .integer(16...1_048_576),
        fallback: ThrottleCapacity().failures,
        """
        Failed attempts that the throttle remembers, of all callers on all users, at 64 bytes each in memory and as much in \
        its copy that outlives a restart; and half as many messages. When there are more, the uid that has most loses its \
        oldest; before its own would go, a uid's attempts are throttled. Takes a restart, and the throttle then begins anew.
        """
    )
    /// `SendInterval=`
    package static let sendInterval = DefaultedKey(
        "SendInterval",
        .timeSpan(.zero ... .seconds(3_600), example: "30s"),
        fallback: ThrottleLimits().sendInterval,
        """
        Time that a caller must leave between two messages, codes or links of the same kind (method and channel) to the \
        same user, whether or not that user exists. 0 for none.
        """
    )
    /// `SendBudget=`
    package static let sendBudget = DefaultedKey(
        "SendBudget",
        .integer(1...1_000),
        fallback: ThrottleLimits().sendBudget,
        "Messages, codes and links of all kinds that a caller may have sent to the same user within SendWindow."
    )
    /// `SendWindow=`
    package static let sendWindow = DefaultedKey(
        "SendWindow",
        .timeSpan(.seconds(1) ... .seconds(86_400), example: "1h"),
        fallback: ThrottleLimits().sendWindow,
        "How long a message counts, for SendBudget and CallerSendBudget."
    )
    /// `CallerSendBudget=`
    package static let callerSendBudget = DefaultedKey(
        "CallerSendBudget",
        .integer(1...1_000_000),
        fallback: ThrottleLimits().callerSendBudget,
        """
        Messages, codes and links that a uid may have sent to all users together within SendWindow. As many may go out \
        at once; then they trickle at that rate.
        """
    )

    /// All of them, in the order of the manual.
    package static let all: [KeyDescription] = [
        socket.description, controlSocket.description, credentialSocket.description, logLevel.description,
        maximumLineBytes.description, maximumConnections.description, maximumConnectionsPerUser.description,
        maximumCallsInFlight.description,
        maximumCallsInFlightPerUser.description, firstLineTimeout.description, lineTimeout.description,
        unreadAnswersTimeout.description, drainTimeout.description, releaseGrid.description, releaseJitter.description,
        attemptBudget.description, attemptWindow.description, throttleRecords.description, sendInterval.description,
        sendBudget.description, sendWindow.description, callerSendBudget.description, auditWhenFull.description,
        auditQueueSize.description,
        auditTargets.description,
    ]
}
