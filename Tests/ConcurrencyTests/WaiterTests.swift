import Concurrency
import Synchronization
import TestSupport
import Testing

/// A lock with waiters behind it, as the owners of a ``WaiterList`` have one.
private final class Gate: Sendable {
    private struct State {
        var waiters = WaiterList<Int, String>()
        var answer: Int?
    }

    private let state = Mutex(State())

    var notes: [String] { state.withLock { $0.waiters.all.values.map(\.note) }.sorted() }
    var count: Int { state.withLock { $0.waiters.count } }

    /// Waits for the gate's answer; -1 for a task that is cancelled.
    func wait(_ note: String) async -> Int {
        await Waiter<Int>.wait { waiter in
            let answer: Int? = state.withLock { state in
                if Task.isCancelled { return -1 }
                if let answer = state.answer { return answer }
                state.waiters.add(waiter, note)
                return nil
            }
            if let answer { waiter.resume(returning: answer) }
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }?.resume(returning: -1)
        }
    }

    func open(_ answer: Int) {
        let waiters = state.withLock { state in
            state.answer = answer
            return state.waiters.removeAll()
        }
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    /// Returns when as many wait.
    func until(_ count: Int) async {
        while self.count != count { await Task.yield() }
    }
}

@Suite(.longTimeLimit) struct WaiterTests {
    @Test func `all that wait get the answer, with their notes until then`() async {
        let gate = Gate()
        let tasks = ["a", "b", "c"].map { note in Task { await gate.wait(note) } }
        await gate.until(3)
        #expect(gate.notes == ["a", "b", "c"])
        gate.open(7)
        for task in tasks { #expect(await task.value == 7) }
        #expect(gate.count == 0)
        #expect(await gate.wait("late") == 7)
    }

    @Test func `one that is cancelled leaves, the others stay`() async {
        let gate = Gate()
        let stays = Task { await gate.wait("stays") }
        let leaves = Task { await gate.wait("leaves") }
        await gate.until(2)
        leaves.cancel()
        #expect(await leaves.value == -1)
        #expect(gate.notes == ["stays"])
        gate.open(1)
        #expect(await stays.value == 1)
    }

    @Test func `one that was cancelled before it came does not wait`() async {
        let gate = Gate()
        let (begin, begins) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            for await _ in begin {}
            return await gate.wait("late")
        }
        task.cancel()
        begins.finish()
        #expect(await task.value == -1)
        #expect(gate.count == 0)
    }

    @Test func `each waiter is resumed once, however cancels and answers meet`() async {
        for round in 0..<200 {
            let gate = Gate()
            let tasks = (0..<8).map { number in Task { await gate.wait("\(number)") } }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for task in tasks where !round.isMultiple(of: 3) { task.cancel() } }
                group.addTask { gate.open(round) }
            }
            // A second resumption would trap, a missing one would end at the time limit.
            for task in tasks { #expect([-1, round].contains(await task.value)) }
            #expect(gate.count == 0)
        }
    }
}

@Suite(.longTimeLimit) struct OneShotTests {
    @Test func `what is told first stays, whether somebody waits already or not`() async {
        let early = OneShot<Int>()
        #expect(early.told == nil)
        #expect(early.tell(1))
        #expect(!early.tell(2))
        #expect(await early.value() == 1)
        #expect(early.told == 1)
        let late = OneShot<Int>()
        let waits = await late.value { #expect(late.tell(3)) }
        #expect(waits == 3)
        #expect(!late.tell(4) && late.told == 3)
    }

    @Test func `a cancelled task is told what its handler tells, or what was told before`() async {
        let value = OneShot<String>()
        let (begun, begins) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await value.value {
                begins.finish()
            } onCancel: {
                value.tell("cancelled")
            }
        }
        for await _ in begun {}
        task.cancel()
        #expect(await task.value == "cancelled")
        let told = OneShot<String>()
        told.tell("told")
        let late = Task { await told.value(onCancel: { told.tell("cancelled") }) }
        late.cancel()
        #expect(await late.value == "told")
    }

    @Test func `it is told once, however many tell it`() async {
        for _ in 0..<200 {
            let value = OneShot<Int>()
            async let waited = value.value()
            let firsts = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<4 { group.addTask { value.tell(number) } }
                return await group.reduce(into: 0) { if $1 { $0 += 1 } }
            }
            #expect(firsts == 1)
            #expect(await waited == value.told)
        }
    }
}
