package import AgentProtocol
import ConfigurationFiles
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

extension DaemonSettings {
    /// The settings when the section is empty.
    package static let defaults: DaemonSettings = {
        var reader = SectionReader(
            MergedSection(kind: .daemon, title: "Daemon", name: "", place: Place(file: "", line: nil), assignments: [])
        )
        return DaemonSettings(reading: &reader)
    }()

    /// The failures after which Mosaic locks a user out, unless the application's login preferences say otherwise (E40,
    /// `maxPasswordFailures`).
    private static let usualLockout = 5

    /// Reads the section; what is wrong in it is reported there and has its default here.
    init(reading reader: inout SectionReader) {
        let socketPlace = reader.setting(DaemonKeys.socket.key).place
        let controlPlace = reader.setting(DaemonKeys.controlSocket.key).place
        let credential = reader.setting(DaemonKeys.credentialSocket)
        let connections = reader.value(DaemonKeys.maximumConnections)
        let calls = reader.value(DaemonKeys.maximumCallsInFlight)
        let grid = reader.value(DaemonKeys.releaseGrid)
        let gridPlace = reader.setting(DaemonKeys.releaseGrid.key).place

        self.socket = reader.value(DaemonKeys.socket)
        self.controlSocket = reader.value(DaemonKeys.controlSocket)
        self.credentialSocket = credential.value
        self.logLevel = reader.value(DaemonKeys.logLevel)
        self.logLevelSource = LogLevelSource(setAt: reader.place(ofKey: DaemonKeys.logLevel.name))
        self.maximumLineBytes = reader.value(DaemonKeys.maximumLineBytes)
        self.maximumConnections = connections
        self.maximumConnectionsPerUser = reader.limit(
            DaemonKeys.maximumConnectionsPerUser,
            by: DaemonKeys.maximumConnections.name,
            connections
        )
        self.maximumCallsInFlight = calls
        self.maximumCallsInFlightPerUser = reader.limit(
            DaemonKeys.maximumCallsInFlightPerUser,
            by: DaemonKeys.maximumCallsInFlight.name,
            calls
        )
        self.firstLineTimeout = reader.value(DaemonKeys.firstLineTimeout)
        self.lineTimeout = reader.value(DaemonKeys.lineTimeout)
        self.unreadAnswersTimeout = reader.value(DaemonKeys.unreadAnswersTimeout)
        self.drainTimeout = reader.value(DaemonKeys.drainTimeout)
        self.releaseGrid = ResponseTimeQuantizer(
            step: grid,
            maximumJitter: reader.limit(DaemonKeys.releaseJitter, by: DaemonKeys.releaseGrid.name, grid)
        )
        self.throttle = ThrottleLimits(
            attemptBudget: reader.value(DaemonKeys.attemptBudget),
            attemptWindow: reader.value(DaemonKeys.attemptWindow),
            sendInterval: reader.value(DaemonKeys.sendInterval),
            sendBudget: reader.value(DaemonKeys.sendBudget),
            sendWindow: reader.value(DaemonKeys.sendWindow),
            callerSendBudget: reader.value(DaemonKeys.callerSendBudget)
        )
        self.throttleRecords = reader.value(DaemonKeys.throttleRecords)
        self.auditWhenFull = reader.value(DaemonKeys.auditWhenFull)
        self.auditQueueSize = reader.auditQueueSize(callsPerUser: self.maximumCallsInFlightPerUser)
        self.auditTargets = reader.value(DaemonKeys.auditTargets)

        if self.socket == self.controlSocket {
            reader.report(
                DaemonKeys.controlSocket.name,
                at: controlPlace ?? socketPlace,
                "is the same path as \(DaemonKeys.socket.name)=",
                allowed: "two different paths"
            )
        }
        if let path = credential.value, [self.socket, self.controlSocket].contains(path) {
            reader.report(
                DaemonKeys.credentialSocket.name,
                at: credential.place,
                "is the same path as that of another socket",
                allowed: "a path of its own"
            )
        }
        if self.throttle.attemptBudget >= Self.usualLockout {
            reader.report(
                DaemonKeys.attemptBudget.name,
                at: reader.place(ofKey: DaemonKeys.attemptBudget.name),
                "is \(Self.usualLockout) or more: Mosaic locks a user out after \(Self.usualLockout) failures unless the "
                    + "application's maxPasswordFailures says otherwise, and a caller that may log in can do that to any user",
                severity: .warning
            )
        }
        if grid == .zero {
            reader.report(
                DaemonKeys.releaseGrid.name,
                at: gridPlace,
                "is 0: a caller that may log in can tell by the time of the answer which users exist",
                severity: .warning
            )
        }
    }
}

extension LogLevelSource {
    /// The source of a level that is set there, or nowhere.
    fileprivate init(setAt place: Place?) {
        self =
            switch place {
            case nil: .fallback
            case let place? where place.file == "$" + EnvironmentOverride.logLevel.rawValue: .environment
            case _?: .configuration
            }
    }
}

extension SectionReader {
    /// The size of the audit queue, in which all calls that a uid may have in flight must find a place. The default gives way
    /// silently.
    fileprivate mutating func auditQueueSize(callsPerUser: Int) -> Int {
        let key = DaemonKeys.auditQueueSize
        let setting = setting(key.key)
        guard let value = setting.value else { return max(key.fallback, 2 * callsPerUser) }
        if value < 2 * callsPerUser {
            report(
                key.name,
                at: setting.place,
                "is less than twice \(DaemonKeys.maximumCallsInFlightPerUser.name)=, which is \(callsPerUser): the calls of one "
                    + "user could use up its share",
                allowed: "at least \(2 * callsPerUser), or a smaller \(DaemonKeys.maximumCallsInFlightPerUser.name)="
            )
        }
        return max(value, 2 * callsPerUser)
    }

    /// A value that must not exceed another one; its default gives way silently.
    fileprivate mutating func limit<Value: Comparable>(
        _ key: DefaultedKey<Value>,
        by otherKey: String,
        _ bound: Value
    ) -> Value {
        let setting = setting(key.key)
        guard let value = setting.value else { return min(key.fallback, bound) }
        if value > bound {
            report(
                key.name,
                at: setting.place,
                "is more than \(otherKey)=",
                allowed: "\(key.key.syntax.allowed), at most \(otherKey)="
            )
        }
        return min(value, bound)
    }
}
