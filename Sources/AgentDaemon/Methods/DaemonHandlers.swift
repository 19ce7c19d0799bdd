package import AgentProtocol
import FoundationEssentials
import Logging
import MosaicAPI
import StrictJSON

/// Carries out `daemon.health`.
package struct DaemonHealthHandler: MethodHandler {
    package typealias Method = DaemonHealth

    private let monitor: HealthMonitor

    /// A handler that tells what `monitor` finds.
    package init(monitor: HealthMonitor) {
        self.monitor = monitor
    }

    package func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<DaemonHealth.Result> {
        let report = monitor.report
        let checks = report.checks.map { check in
            DaemonHealth.Check(name: check.name, status: check.status, message: check.message)
        }
        return Reply(DaemonHealth.Result(checks: checks), reason: report.status.name)
    }
}

/// Carries out `daemon.connections`.
struct DaemonConnectionsHandler: MethodHandler {
    typealias Method = DaemonConnections

    let sockets: SocketMonitor
    let clock: any AgentClock

    func handle(
        _ parameters: DaemonConnections.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonConnections.Result> {
        let wanted = await sockets.connections(now: clock.now).filter { parameters.admits($0) }
        let rest = wanted.drop { $0.id <= parameters.after ?? 0 }
        var room = ResultRoom()
        let shown = room.fitting(rest.prefix(parameters.limit ?? DaemonConnections.Parameters.maximumCount))
        return Reply(
            DaemonConnections.Result(total: wanted.count, truncated: shown.count < rest.count, connections: shown)
        )
    }
}

extension DaemonConnections.Parameters {
    fileprivate func admits(_ connection: DaemonConnections.Connection) -> Bool {
        (uid == nil || connection.uid == uid) && (socket == nil || connection.socket == socket)
    }
}

/// Carries out `daemon.metrics`.
struct DaemonMetricsHandler: MethodHandler {
    typealias Method = DaemonMetrics

    let metrics: AgentMetrics

    func handle(
        _ parameters: EmptyParameters,
        in context: CallContext
    ) async throws -> Reply<DaemonMetrics.Result> {
        Reply(DaemonMetrics.Result(metrics: metrics.metrics()))
    }
}

/// Carries out `daemon.watch`: takes events to the connection, a few at a time, until the call is ended.
///
/// The next ones are taken only when the connection has got rid of those before. So a reader that does not read holds up
/// nothing but its own watch, and holds no more memory than the waiting events.
struct DaemonWatchHandler: MethodHandler {
    typealias Method = DaemonWatch

    let events: EventHub

    func handle(
        _ parameters: DaemonWatch.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonWatch.Result> {
        let call = context.call
        guard let notify = call.notify else {
            throw CallFailure(.internal, "notifications cannot be sent on this connection")
        }
        let subscription = events.subscribe(to: parameters.events ?? [])
        defer { events.end(subscription) }
        var batch: [WatchedEvent]? = [
            WatchedEvent(kind: .watchStarted, time: .now, details: DaemonEvent.Details())
        ]
        while let events = batch, await notify(Self.lines(events, of: call.request.id)) {
            batch = await subscription.next()
        }
        throw CallFailure(call.control.ending ?? .peerGone, progress: .notBegun)
    }

    private static func lines(_ events: [WatchedEvent], of watch: RequestID) -> [UInt8] {
        var writer = JSONWriter(capacity: 512 * events.count)
        for event in events {
            DaemonEvent(
                watch: watch,
                time: event.time.ISO8601Format(.init(includingFractionalSeconds: true)),
                kind: event.kind,
                dropped: event.dropped,
                details: event.details
            ).encodeLine(to: &writer)
        }
        return writer.bytes
    }
}

/// Carries out `daemon.log_level`.
struct DaemonLogLevelHandler: MethodHandler {
    typealias Method = DaemonLogLevel

    let control: LogLevelControl
    let events: EventHub
    let logger: Logger

    func handle(
        _ parameters: DaemonLogLevel.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonLogLevel.Result> {
        guard let wanted = parameters.level else { return Reply(control.standing) }
        // The schema lets only levels through, and the one word that is none.
        let (change, standing) = control.set(Logger.Level(rawValue: wanted))
        if let change { log(change, context) }
        return Reply(standing, reason: wanted)
    }

    private func log(_ change: LogLevelControl.Change, _ context: CallContext) {
        let caller = context.caller
        var logger = logger
        // An administrator who misses messages must find this one.
        logger.logLevel = .trace
        logger.notice(
            "The log level has changed",
            metadata: [
                "level": "\(change.level)", "previous": "\(change.previous)", "caller_uid": "\(caller.uid)",
                "caller_pid": "\(caller.pid)", "call_id": "\(context.callID)",
            ]
        )
        events.publish(.logLevelChanged) {
            DaemonEvent.Details(
                DaemonEvent.LogLevel(
                    level: change.level.rawValue,
                    previous: change.previous.rawValue,
                    uid: caller.uid
                )
            )
        }
    }
}

/// Carries out `daemon.reload`.
struct DaemonReloadHandler: MethodHandler {
    typealias Method = DaemonReload

    let steward: ConfigurationReloader

    func handle(_ parameters: EmptyParameters, in context: CallContext) async throws -> Reply<DaemonReload.Result> {
        let result = try await steward.reload()
        return Reply(result, reason: result.reloaded ? nil : "refused")
    }
}

/// Carries out `daemon.refresh_token`: fetches tokens now, also while fetches are held off after failures.
package struct DaemonRefreshTokenHandler: MethodHandler {
    package typealias Method = DaemonRefreshToken

    private let clients: ClientDirectory

    /// A handler for these clients.
    package init(clients: ClientDirectory) {
        self.clients = clients
    }

    package func handle(
        _ parameters: DaemonRefreshToken.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonRefreshToken.Result> {
        let chosen = try chosenClients(parameters.client)
        let deadline = context.call.deadline
        let results = await withTaskGroup(of: (Int, DaemonRefreshToken.ClientResult).self) { group in
            for (index, client) in chosen.enumerated() {
                group.addTask { (index, await Self.refresh(client, deadline: deadline)) }
            }
            return await group.reduce(into: [:]) { results, element in results[element.0] = element.1 }
        }
        if let ending = context.call.control.ending { throw CallFailure(ending, progress: .begun) }
        let ordered = chosen.indices.compactMap { results[$0] }
        return Reply(
            DaemonRefreshToken.Result(clients: ordered),
            reason: ordered.first { !$0.refreshed }?.error?.kind.name
        )
    }

    private func chosenClients(_ name: String?) throws(CallFailure) -> [ConfiguredClient] {
        guard let name else { return clients.clients }
        guard let client = clients[name] else {
            throw CallFailure(
                .invalidParams,
                "client must be one of: \(clients.clients.map(\.name).joined(separator: ", "))",
                outcome: .notSent,
                parameter: "client"
            )
        }
        return [client]
    }

    private static func refresh(
        _ client: ConfiguredClient,
        deadline: ContinuousClock.Instant
    ) async -> DaemonRefreshToken.ClientResult {
        do throws(APIFailure) {
            try await client.service.refreshToken(deadline: deadline)
            return DaemonRefreshToken.ClientResult(
                client: client.name,
                refreshed: true,
                expiresInSeconds: client.service.status.tokenRemaining.map { Int(clamping: $0.components.seconds) }
            )
        } catch {
            let failure = CallFailure(error)
            let message = failure.message + (error.advice.map { ": \($0)" } ?? "")
            return DaemonRefreshToken.ClientResult(
                client: client.name,
                refreshed: false,
                error: DaemonStatus.LastError(kind: failure.kind, message: message, ageSeconds: 0)
            )
        }
    }
}

/// Carries out `daemon.rotate_credential`.
struct DaemonRotateCredentialHandler: MethodHandler {
    typealias Method = DaemonRotateCredential

    let steward: ConfigurationReloader

    func handle(
        _ parameters: DaemonRotateCredential.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonRotateCredential.Result> {
        let result = try await steward.rotate(
            parameters.client,
            to: parameters.clientSecret,
            deadline: context.call.deadline
        )
        return Reply(result, reason: result.sourceReplaced ? nil : "source_differs")
    }
}

/// Carries out `daemon.target_hash` with the digest that names the targets of real calls.
struct DaemonTargetHashHandler: MethodHandler {
    typealias Method = DaemonTargetHash

    let digest: TargetDigest

    func handle(
        _ parameters: DaemonTargetHash.Parameters,
        in context: CallContext
    ) async throws -> Reply<DaemonTargetHash.Result> {
        let form: DaemonSettings.AuditTargets = digest.keySource == nil ? .plain : .hashed
        return Reply(
            DaemonTargetHash.Result(
                target: digest.text(of: parameters.user),
                form: form.rawValue,
                key: digest.keySource
            )
        )
    }
}

extension TargetDigest {
    /// The text for `MOSAIC_TARGET` of the user that a call is about.
    func text(of target: Target) -> String {
        text(kind: target.kind.name, identifier: target.identifier.bytes)
    }
}
