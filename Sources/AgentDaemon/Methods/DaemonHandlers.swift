import AgentProtocol
import FoundationEssentials
import Logging
import MosaicAPI
import Secrets
import StrictJSON

extension MethodRegistry {
    /// Adds the methods by which an administrator looks into the agent while it works.
    mutating func addObservation(
        status: AgentStatus,
        monitor: HealthMonitor,
        metrics: AgentMetrics,
        level: LogLevelControl,
        digest: TargetDigest,
        logger: Logger,
        clock: any AgentClock
    ) {
        on(DaemonStatus.self) { _, _ in Reply(status.result(now: clock.now)) }
        on(DaemonHealth.self) { _, _ in
            let report = monitor.report
            let checks = report.checks.map { check in
                DaemonHealth.Check(name: check.name, status: check.status, message: check.message)
            }
            return Reply(DaemonHealth.Result(checks: checks), reason: report.status.name)
        }
        on(DaemonMetrics.self) { _, _ in Reply(DaemonMetrics.Result(metrics: metrics.metrics())) }
        on(DaemonConnections.self) { parameters, _ in
            let wanted = await metrics.sockets.connections(now: clock.now).filter { parameters.admits($0) }
            let rest = wanted.drop { $0.id <= parameters.after ?? 0 }
            var room = ResultRoom()
            let shown = room.fitting(rest.prefix(parameters.limit ?? DaemonConnections.Parameters.maximumCount))
            return Reply(
                DaemonConnections.Result(total: wanted.count, truncated: shown.count < rest.count, connections: shown)
            )
        }
        // With the digest that names the targets of real calls.
        on(DaemonTargetHash.self) { parameters, _ in
            let form: DaemonSettings.AuditTargets = digest.keySource == nil ? .plain : .hashed
            return Reply(
                DaemonTargetHash.Result(
                    target: digest.text(of: parameters.user),
                    form: form.rawValue,
                    key: digest.keySource
                )
            )
        }
        let events = metrics.observer.events
        on(DaemonWatch.self) { parameters, context in
            try await events.watch(parameters.events ?? [], for: context.call)
        }
        on(DaemonLogLevel.self) { parameters, context in
            guard let wanted = parameters.level else { return Reply(level.standing) }
            // The schema lets only levels through, and the one word that is none.
            let (change, standing) = level.set(Logger.Level(rawValue: wanted))
            if let change { change.announce(by: context, to: events, logger) }
            return Reply(standing, reason: wanted)
        }
    }

    /// Adds the methods that change what the agent works with.
    mutating func addConfigurationMethods(
        reload: @escaping @Sendable () async throws(CallFailure) -> DaemonReload.Result,
        rotate:
            @escaping @Sendable (
                _ client: String, _ credential: Secret, _ deadline: ContinuousClock.Instant
            ) async throws(CallFailure) -> DaemonRotateCredential.Result,
        clients: ClientDirectory
    ) {
        on(DaemonReload.self) { _, _ in
            let result = try await reload()
            return Reply(result, reason: result.reloaded ? nil : "refused")
        }
        on(DaemonRotateCredential.self) { parameters, context in
            let result = try await rotate(parameters.client, parameters.clientSecret, context.call.deadline)
            return Reply(result, reason: result.sourceReplaced ? nil : "source_differs")
        }
        // Fetches tokens now, also while fetches are held off after failures.
        on(DaemonRefreshToken.self) { parameters, context in
            let chosen = try clients.chosen(parameters.client)
            let deadline = context.call.deadline
            let results = await withTaskGroup(of: (Int, DaemonRefreshToken.ClientResult).self) { group in
                for (index, client) in chosen.enumerated() {
                    group.addTask { (index, await client.refreshToken(deadline: deadline)) }
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
    }
}

extension DaemonConnections.Parameters {
    fileprivate func admits(_ connection: DaemonConnections.Connection) -> Bool {
        (uid == nil || connection.uid == uid) && (socket == nil || connection.socket == socket)
    }
}

extension EventHub {
    /// Takes events to the connection of a call, a few at a time, until the call is ended.
    ///
    /// The next ones are taken only when the connection has got rid of those before. So a reader that does not read holds up
    /// nothing but its own watch, and holds no more memory than the waiting events.
    ///
    /// - Throws: always: a watch has no other end than that of its call.
    fileprivate func watch(_ kinds: [EventKind], for call: Call) async throws -> Reply<DaemonWatch.Result> {
        guard let notify = call.notify else {
            throw CallFailure(.internal, "notifications cannot be sent on this connection")
        }
        let subscription = subscribe(to: kinds)
        defer { end(subscription) }
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

extension LogLevelControl.Change {
    /// Says in the log and to watchers who has changed the level.
    fileprivate func announce(by context: CallContext, to events: EventHub, _ logger: Logger) {
        let caller = context.caller
        var logger = logger
        // An administrator who misses messages must find this one.
        logger.logLevel = .trace
        logger.notice(
            "log level changed",
            metadata: [
                "level": "\(level)", "previous": "\(previous)", "caller_uid": "\(caller.uid)",
                "caller_pid": "\(caller.pid)", "call_id": "\(context.callID)",
            ]
        )
        events.publish(.logLevelChanged) {
            DaemonEvent.Details(
                DaemonEvent.LogLevel(level: level.rawValue, previous: previous.rawValue, uid: caller.uid)
            )
        }
    }
}

extension ClientDirectory {
    /// The client of that name, or all of them.
    ///
    /// - Throws: `invalid_params` for a name that none has.
    fileprivate func chosen(_ name: String?) throws(CallFailure) -> [ConfiguredClient] {
        guard let name else { return clients }
        guard let client = self[name] else {
            throw CallFailure(
                .invalidParams,
                "client must be one of: \(clients.map(\.name).joined(separator: ", "))",
                outcome: .notSent,
                parameter: "client"
            )
        }
        return [client]
    }
}

extension ConfiguredClient {
    /// Fetches a token now, and says what came of it.
    fileprivate func refreshToken(deadline: ContinuousClock.Instant) async -> DaemonRefreshToken.ClientResult {
        do throws(APIFailure) {
            try await service.refreshToken(deadline: deadline)
            return DaemonRefreshToken.ClientResult(
                client: name,
                refreshed: true,
                expiresInSeconds: service.status.tokenRemaining.map { Int(clamping: $0.components.seconds) }
            )
        } catch {
            let failure = CallFailure(error)
            let message = failure.message + (error.advice.map { ": \($0)" } ?? "")
            return DaemonRefreshToken.ClientResult(
                client: name,
                refreshed: false,
                error: DaemonStatus.LastError(kind: failure.kind, message: message, ageSeconds: 0)
            )
        }
    }
}

extension TargetDigest {
    /// The text for `MOSAIC_TARGET` of the user that a call is about.
    func text(of target: Target) -> String {
        text(kind: target.kind.name, identifier: target.identifier.bytes)
    }
}
