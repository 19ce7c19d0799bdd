import AgentProtocol
import MosaicAPI
import Synchronization
import Systemd

/// Puts together everything that the agent counts and measures, at the moment of asking.
struct AgentMetrics: Sendable {
    let observer: AgentObserver
    let sockets: SocketMonitor
    let limiter: CallLimiter
    let audit: AuditQueue
    var log: LogWriter?
    let clients: ClientDirectory
    let monitor: HealthMonitor
    let throttle: Throttle

    /// All metrics now.
    func metrics() -> [DaemonMetrics.Metric] {
        observer.calls.metrics + load() + connections() + trail() + throttle.totals.metrics + observer.upstream.metrics
            + clients.clients.map { $0 }.tokenMetrics + agent() + process()
    }

    private func load() -> [DaemonMetrics.Metric] {
        let statistics = sockets.statistics
        let inFlight = limiter.inFlight
        return [
            .gauge("mosaicd_calls_in_flight", "Calls being worked on, watches among them.", inFlight),
            .gauge(
                "mosaicd_calls_parked",
                "Calls that wait because their connection has too many in flight.",
                max(0, statistics.callsInFlight - inFlight)
            ),
            .counter("mosaicd_calls_received_total", "Well-formed requests read.", statistics.callsReceived),
            .counter(
                "mosaicd_lines_refused_total",
                "Lines that were no well-formed request.",
                statistics.linesRefused
            ),
            .counter(
                "mosaicd_answers_undelivered_total",
                "Answers to calls that could not be written in full.",
                statistics.answersUndelivered
            ),
        ]
    }

    private func connections() -> [DaemonMetrics.Metric] {
        let statistics = sockets.statistics
        return [
            DaemonMetrics.Metric(
                "mosaicd_connections",
                .gauge,
                help: "Open connections.",
                samples: sockets.sockets.map { DaemonMetrics.Sample(["socket": $0.name], Double($0.connections)) }
            ),
            .gauge("mosaicd_connections_maximum", "Connections that may be open.", sockets.maximumConnections),
            .counter("mosaicd_connections_accepted_total", "Connections let in.", statistics.connectionsAccepted),
            DaemonMetrics.Metric(
                "mosaicd_connections_refused_total",
                .counter,
                help: "Connections turned away: overloaded, over a cap; forbidden, not for this user.",
                samples: [
                    DaemonMetrics.Sample(["reason": "overloaded"], Double(statistics.connectionsRefused)),
                    DaemonMetrics.Sample(["reason": "forbidden"], Double(statistics.connectionsForbidden)),
                ]
            ),
            .counter(
                "mosaicd_connections_broken_total",
                "Connections closed because their peer was too slow to send or to read, or sent too long a line.",
                statistics.connectionsBroken
            ),
            .counter(
                "mosaicd_accept_pauses_total",
                "Times that nothing was accepted for a moment, for want of file descriptors.",
                statistics.acceptPauses
            ),
        ]
    }

    private func trail() -> [DaemonMetrics.Metric] {
        let load = audit.load
        return [
            .counter("mosaicd_audit_records_written_total", "Audit records written.", Int(clamping: load.written)),
            .counter(
                "mosaicd_audit_records_dropped_total",
                "Audit records dropped because the queue was full.",
                Int(clamping: load.dropped)
            ),
            .counter(
                "mosaicd_audit_calls_refused_total",
                "Calls refused because the audit queue was full.",
                Int(clamping: load.refused)
            ),
            .counter(
                "mosaicd_audit_calls_summed_total",
                "Calls without effect that were counted in a summary instead of being recorded one by one.",
                Int(clamping: load.summed)
            ),
            .gauge("mosaicd_audit_queue_records", "Audit records that wait to be written.", load.waiting),
            .gauge("mosaicd_audit_queue_capacity", "Audit records that may wait.", audit.capacity),
            .gauge("mosaicd_audit_failing", "1 while audit records cannot be written.", load.failure == nil ? 0 : 1),
            .counter(
                "mosaicd_log_messages_lost_total",
                "Log messages lost because the log did not take them in time.",
                Int(clamping: log?.condition.dropped ?? 0)
            ),
        ]
    }

    private func agent() -> [DaemonMetrics.Metric] {
        [
            .gauge(
                "mosaicd_health_status",
                "0 healthy, 1 degraded, 2 unhealthy.",
                monitor.report.status.severity
            ),
            DaemonMetrics.Metric(
                "mosaicd_configuration_reloads_total",
                .counter,
                help: "Times that the configuration was read again, by what came of it.",
                samples: [
                    DaemonMetrics.Sample(["result": "reloaded"], Double(observer.reloaded.load(ordering: .relaxed))),
                    DaemonMetrics.Sample(["result": "refused"], Double(observer.refused.load(ordering: .relaxed))),
                ]
            ),
            .gauge("mosaicd_watchers", "Calls of daemon.watch in flight.", observer.events.watchers),
            .counter(
                "mosaicd_events_dropped_total",
                "Events left out because a watcher did not read them.",
                observer.events.dropped
            ),
            DaemonMetrics.Metric(
                "mosaicd_build_info",
                .gauge,
                help: "Always 1; the label is the version.",
                samples: [DaemonMetrics.Sample(["version": AgentVersion.current], 1)]
            ),
        ]
    }

    private func process() -> [DaemonMetrics.Metric] {
        let usage = ProcessUsage.now()
        return [
            DaemonMetrics.Metric(
                "process_cpu_seconds_total",
                .counter,
                unit: "seconds",
                help: "Processor time used.",
                samples: [DaemonMetrics.Sample([:], usage.processorSeconds)]
            ),
            .gauge("process_resident_memory_bytes", "Memory in use.", unit: "bytes", usage.residentBytes),
            .gauge("process_open_fds", "Open file descriptors.", usage.openDescriptors),
            .gauge("process_max_fds", "File descriptors that may be open.", usage.maximumDescriptors),
            .gauge(
                "process_start_time_seconds",
                "When the agent started, since 1970.",
                unit: "seconds",
                Int(clamping: observer.start)
            ),
        ]
    }
}

extension DaemonMetrics.Metric {
    /// A gauge of one sample, or of none if its value is not known.
    static func gauge(_ name: String, _ help: String, unit: String? = nil, _ value: Int?) -> Self {
        Self(name, .gauge, unit: unit, help: help, samples: value.map { [DaemonMetrics.Sample([:], Double($0))] } ?? [])
    }

    /// A counter of one sample.
    static func counter(_ name: String, _ help: String, _ value: Int) -> Self {
        Self(name, .counter, help: help, samples: [DaemonMetrics.Sample([:], Double(value))])
    }
}
