extension WrongFile {
    /// Wrong values of `[Daemon]`.
    static let wrongDaemon: [WrongFile] = [
        .daemon(
            "Sokcet=/run/x",
            key: "Sokcet",
            what: "not a key of this section",
            allowed: "Socket ControlSocket CredentialSocket LogLevel"
        ),
        .daemon("Region=eu", key: "Region", what: "belongs in [Client NAME]", allowed: "Socket"),
        .daemon("Socket=run/x", key: "Socket", what: "\"run/x\" is not an absolute path", allowed: "an absolute path"),
        .daemon("Socket=/run/../x", key: "Socket", what: "..", allowed: "without . and .."),
        .daemon(
            "ControlSocket=/" + String(repeating: "x", count: 107),
            key: "ControlSocket",
            what: "108 bytes",
            allowed: "at most 107 bytes"
        ),
        .daemon(
            "ControlSocket=/run/mosaicd/mosaicd.sock",
            key: "ControlSocket",
            what: "same path as Socket=",
            allowed: "two different paths"
        ),
        .daemon(
            "CredentialSocket=/run/mosaicd/control.sock",
            key: "CredentialSocket",
            what: "same path as that of another socket",
            allowed: "a path of its own"
        ),
        .daemon("LogLevel=verbose", key: "LogLevel", what: "\"verbose\"", allowed: "trace, debug, info, notice"),
        .daemon("MaximumLineBytes=1K", key: "MaximumLineBytes", what: "out of range", allowed: "65536 to 1048576"),
        .daemon(
            "MaximumLineBytes=64KB",
            key: "MaximumLineBytes",
            what: "not a number of bytes",
            allowed: "suffix K or M"
        ),
        .daemon(
            "MaximumConnections=+100",
            key: "MaximumConnections",
            what: "not a whole number",
            allowed: "16 to 65536"
        ),
        .daemon(
            "MaximumConnectionsPerUser=5000",
            key: "MaximumConnectionsPerUser",
            what: "more than MaximumConnections=",
            allowed: "at most MaximumConnections="
        ),
        .daemon("MaximumCallsInFlight=0", key: "MaximumCallsInFlight", what: "out of range", allowed: "32 to 1048576"),
        .daemon(
            "LineTimeout=5 fortnights",
            key: "LineTimeout",
            what: "not a time span",
            allowed: "from 100ms to 1min, such as 5s"
        ),
        .daemon("FirstLineTimeout=1h", key: "FirstLineTimeout", what: "out of range", allowed: "100ms to 10min"),
        .daemon("ReleaseGrid=400 ms 10", key: "ReleaseGrid", what: "out of range", allowed: "from 0 to 5s"),
        .daemon("ReleaseGrid=-1s", key: "ReleaseGrid", what: "not a time span", allowed: "such as 400ms"),
        .daemon(
            "ReleaseJitter=1s",
            key: "ReleaseJitter",
            what: "more than ReleaseGrid=",
            allowed: "at most ReleaseGrid="
        ),
        .daemon("AttemptBudget=0", key: "AttemptBudget", what: "out of range", allowed: "1 to 1000"),
        .daemon("ThrottleRecords=15", key: "ThrottleRecords", what: "out of range", allowed: "16 to 1048576"),
        .daemon("AttemptWindow=2d", key: "AttemptWindow", what: "out of range", allowed: "from 1s to 1d"),
        .daemon("SendInterval=61min", key: "SendInterval", what: "out of range", allowed: "from 0 to 1h"),
        .daemon("SendBudget=few", key: "SendBudget", what: "not a whole number", allowed: "1 to 1000"),
        .daemon("SendWindow=0", key: "SendWindow", what: "out of range", allowed: "from 1s to 1d"),
        .daemon("CallerSendBudget=0", key: "CallerSendBudget", what: "out of range", allowed: "1 to 1000000"),
        .daemon("AuditWhenFull=block", key: "AuditWhenFull", what: "\"block\"", allowed: "refuse, drop"),
        .daemon("AuditQueueSize=many", key: "AuditQueueSize", what: "not a whole number", allowed: "64 to 1048576"),
        .daemon(
            "AuditQueueSize=8191",
            key: "AuditQueueSize",
            what: "less than twice MaximumCallsInFlightPerUser=, which is 4096",
            allowed: "at least 8192"
        ),
        .daemon("AuditTargets=yes", key: "AuditTargets", what: "\"yes\"", allowed: "hashed, plain"),
    ]
}
