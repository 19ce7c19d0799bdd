import AgentProtocol
import Logging

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
        // Whoever wonders why messages are missing must find this one.
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
