import AgentProtocol
import TestSupport
import Testing

@testable import AgentDaemon

@Suite(.longTimeLimit) struct EventHubTests {
    private static func level(_ number: Int) -> DaemonEvent.Details {
        DaemonEvent.Details(DaemonEvent.LogLevel(level: "\(number)", previous: ""))
    }

    @Test func `while nobody watches, or watches something else, details are not even made`() async {
        let hub = EventHub()
        var made = 0
        func publish(_ kind: EventKind) {
            hub.publish(kind) {
                made += 1
                return Self.level(0)
            }
        }
        publish(.callFinished)
        #expect(made == 0)
        let health = hub.subscribe(to: [.healthChanged])
        publish(.callFinished)
        #expect(made == 0)
        publish(.healthChanged)
        #expect(made == 1)
        let all = hub.subscribe(to: [])
        publish(.tokenFailed)
        publish(.healthChanged)
        #expect(await health.next()?.map(\.kind) == [.healthChanged, .healthChanged])
        #expect(await all.next()?.map(\.kind) == [.tokenFailed, .healthChanged])
        hub.end(health)
        hub.end(all)
        publish(.healthChanged)
        #expect(made == 3 && hub.watchers == 0)
    }

    @Test func `a reader that waits is woken, and every kind can be watched`() async {
        let hub = EventHub()
        for kind in EventKind.watchable {
            let subscription = hub.subscribe(to: [kind])
            async let events = subscription.next()
            hub.publish(kind) { Self.level(1) }
            #expect(await events?.map(\.kind) == [kind])
            hub.end(subscription)
        }
    }

    @Test func `what a slow reader has no room for is counted in the next event`() async {
        let hub = EventHub()
        let subscription = hub.subscribe(to: [])
        for number in 0..<EventKind.maximumWaiting + 10 { hub.publish(.logLevelChanged) { Self.level(number) } }
        var events: [WatchedEvent] = []
        while events.count < EventKind.maximumWaiting { events += await subscription.next() ?? [] }
        #expect(events.map(\.details) == (0..<EventKind.maximumWaiting).map { Self.level($0) })
        #expect(events.allSatisfy { $0.dropped == 0 })
        #expect(hub.dropped == 10)
        hub.publish(.logLevelChanged) { Self.level(-1) }
        hub.publish(.logLevelChanged) { Self.level(-2) }
        #expect(await subscription.next()?.map(\.dropped) == [10, 0])
    }

    @Test func `a reader that is cancelled gets nothing more`() async {
        let hub = EventHub()
        let subscription = hub.subscribe(to: [])
        await withTaskGroup(of: [WatchedEvent]?.self) { group in
            group.addTask { await subscription.next() }
            group.cancelAll()
            #expect(await group.next() == .some(nil))
        }
        hub.publish(.tokenFailed) { Self.level(1) }
        #expect(await subscription.next() == nil)
    }
}

extension WatchedEvent: Equatable {
    static func == (left: WatchedEvent, right: WatchedEvent) -> Bool {
        left.kind == right.kind && left.details == right.details && left.dropped == right.dropped
    }
}
