import AgentProtocol
import FoundationEssentials
import StrictJSON

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
            throw CallFailure(.internal, "nobody can be notified on this connection")
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
