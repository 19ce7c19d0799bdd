import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct CallLifecycleTests {
    @Test func `a call ended before its request left is never sent`() {
        let control = CallLifecycle()
        #expect(control.end(.cancelled))
        #expect(!control.beginUpstream())
        #expect(control.progress == .notBegun)
        #expect(control.ending == .cancelled)
    }

    @Test func `the first ending wins`() {
        let control = CallLifecycle()
        #expect(control.end(.deadline))
        #expect(!control.end(.cancelled))
        #expect(control.ending == .deadline)
    }

    @Test(arguments: [CallLifecycle.EndReason.cancelled, .deadline, .shuttingDown])
    func `a call whose request has left can be ended, and its progress tells that the outcome is unknown`(
        ending: CallLifecycle.EndReason
    ) {
        let control = CallLifecycle()
        #expect(control.beginUpstream())
        #expect(control.end(ending))
        #expect(control.progress == .begun)
        // An answer that comes after the end changes nothing.
        control.upstreamAnswered()
        #expect(control.progress == .begun)
    }

    @Test func `a peer that leaves ends only calls that were not sent`() {
        let unsent = CallLifecycle()
        #expect(unsent.end(.peerGone))
        let sent = CallLifecycle()
        #expect(sent.beginUpstream())
        #expect(!sent.end(.peerGone))
        #expect(sent.ending == nil)
        // It may still be repeated (401 rule), and still meets its deadline.
        #expect(sent.beginUpstream())
        #expect(sent.end(.deadline))
    }

    @Test(arguments: [CallLifecycle.EndReason.cancelled, .deadline, .peerGone, .shuttingDown])
    func `an answered call is not ended by anything`(ending: CallLifecycle.EndReason) {
        let control = CallLifecycle()
        #expect(control.beginUpstream())
        control.upstreamAnswered()
        #expect(!control.end(ending))
        #expect(control.ending == nil)
    }

    @Test(arguments: [
        (CallLifecycle.EndReason.cancelled, true), (.deadline, true), (.peerGone, false), (.shuttingDown, false),
    ])
    func `a held answer can be given up, but is not lost otherwise`(ending: CallLifecycle.EndReason, ends: Bool) {
        let control = CallLifecycle()
        #expect(control.beginUpstream())
        control.upstreamAnswered()
        control.hold()
        #expect(control.end(ending) == ends)
        #expect(control.ending == (ends ? ending : nil))
    }

    @Test(.longTimeLimit, arguments: [true, false])
    func `ending a call cancels its task, whether it ends before or while it runs`(isEndedBefore: Bool) async {
        let control = CallLifecycle()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        if isEndedBefore { control.end(.deadline) }
        async let answer = control.run(on: nil) {
            start.finish()
            // Ends only when the task is cancelled.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return Answer(line: Array("\(Task.isCancelled)".utf8), audit: nil)
        }
        for await _ in started {}
        if !isEndedBefore { control.end(.deadline) }
        #expect(await answer.line == Array("true".utf8))
    }

    @Test(.longTimeLimit)
    func `the daemon's stop cancels the task of an answered call, but does not end the call`() async {
        let control = CallLifecycle()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        async let answer = control.run(on: nil) {
            _ = control.beginUpstream()
            control.upstreamAnswered()
            start.finish()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return Answer(line: [], audit: nil)
        }
        for await _ in started {}
        #expect(!control.end(.shuttingDown))
        _ = await answer
        #expect(control.ending == nil)
    }
}
