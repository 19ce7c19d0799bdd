import AgentProtocol
package import MosaicAPI
import Synchronization

/// Is told what happens in the agent: counts it, and tells those who watch.
///
/// Lives as long as the agent, across all configurations, so counters never go back. Our own small registry instead of
/// swift-metrics: nothing we depend on reports there, and every place that counts knows its labels, so a call costs one
/// lock and two look-ups.
package final class AgentObserver: Sendable {
    /// Where events go.
    package let events = EventHub()
    let calls = CallMetrics()
    let upstream = UpstreamMetrics()
    let reloaded = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    /// When the agent started, in seconds since 1970.
    let start = WallClock.secondsSince1970()

    /// An observer that has seen nothing yet.
    package init() {}

    /// A call has its answer.
    ///
    /// - Parameter method: its name, if the protocol has it.
    func callEnded(_ record: AuditRecord, method: String?) {
        calls.count(
            socket: record.socket,
            method: method,
            result: record.error ?? record.verdict,
            duration: record.duration
        )
        events.publish(.callFinished) { DaemonEvent.Details(DaemonEvent.FinishedCall(record)) }
    }

    /// A configuration was read.
    ///
    /// - Parameters:
    ///   - problem: why it is refused; nil if it is in force.
    ///   - restartNeeded: keys that only a restart makes effective.
    func configurationRead(problem: String?, restartNeeded: [String] = []) {
        if problem == nil { reloaded.increment() } else { refused.increment() }
        events.publish(problem == nil ? .configurationReloaded : .configurationRefused) {
            DaemonEvent.Details(
                DaemonEvent.Configuration(problem: problem, restartNeeded: problem == nil ? restartNeeded : nil)
            )
        }
    }
}

extension AgentObserver: UpstreamObserver {
    package func requestEnded(_ endpoint: APIEndpoint, client: String, end: UpstreamEnd, duration: Duration) {
        upstream.count(endpoint, client: client, end: end, duration: duration)
    }

    package func tokenFetchEnded(client: String, end: Result<Duration, APIFailure>, duration: Duration) {
        switch end {
        case .success(let lifetime):
            upstream.countFetch(client: client, failure: nil, duration: duration)
            events.publish(.tokenFetched) {
                DaemonEvent.Details(
                    DaemonEvent.Token(client: client, expiresInSeconds: Int(clamping: lifetime.components.seconds))
                )
            }
        case .failure(let failure):
            upstream.countFetch(client: client, failure: failure, duration: duration)
            events.publish(.tokenFailed) {
                DaemonEvent.Details(DaemonEvent.Token(client: client, error: failure.label))
            }
        }
    }
}
