import Concurrency
import MosaicAPI
import Synchronization

/// The unit of the caller on one connection: looked up once, when a call first can make use of it.
///
/// Keeps a descriptor of the caller's process until everything is looked up that ever can be, or the connection closes.
package final class CallerUnitSource: Sendable {
    private struct State {
        var process: PeerProcess?
        var unit: CallerUnit
        var isRunning = false
        /// Calls that wait for what runs, or are about to.
        var wanting = 0
        var waiters = WaiterList<Void, Void>()
    }

    private enum Step {
        case answered
        case lookUp
        case wait
    }

    private let units: CallerUnits
    private let uid: UInt32
    private let state: Mutex<State>

    /// The unit of this process, which has not been looked up yet.
    init(of process: PeerProcess, uid: UInt32, units: CallerUnits) {
        self.units = units
        self.uid = uid
        state = Mutex(State(process: process, unit: .unasked))
    }

    /// A unit that cannot be found out.
    init(unknown problem: CallerUnitProblem, uid: UInt32, units: CallerUnits) {
        self.units = units
        self.uid = uid
        state = Mutex(State(process: nil, unit: .unknown(problem)))
    }

    /// What is known now.
    package var current: CallerUnit { state.withLock { $0.unit } }

    /// Has the unit looked up for the audit record, if there is time for that. No call waits for it.
    package func begin() {
        let isFirst = state.withLock { state in
            guard state.unit == .unasked, !state.isRunning, state.process != nil else { return false }
            state.isRunning = true
            return true
        }
        guard isFirst else { return }
        if !units.submit(of: uid, isNeeded: false, { self.run(.unit, mayBlock: $0) }) { end(.unasked) }
    }

    /// The unit, if it is known or can be looked up within the rate that ``begin()`` keeps to; for calls that only tell it.
    package func unitWithoutNeed() async -> CallerUnit {
        begin()
        guard state.withLock({ $0.isRunning }) else { return current }
        await waitAtMost { await self.ended() }
        return current
    }

    /// The unit, looked up if it is not known yet; of an earlier attempt that failed for a passing reason another one is made.
    ///
    /// - Returns: never less than `depth` asks for: after the time that ``CallerUnits/Limits`` gives, or when the task is
    ///   cancelled, that it is not known.
    package func unit(_ depth: CallerUnit.Depth) async -> CallerUnit {
        let known = state.withLock { state in
            if !state.isRunning, state.process != nil { state.unit = state.unit.withoutPassingProblems }
            if !state.unit.answers(depth) { state.wanting += 1 }
            return state.unit
        }
        if known.answers(depth) { return known }
        defer { state.withLock { $0.wanting -= 1 } }
        await waitAtMost { await self.lookUp(depth) }
        return current.answering(depth, otherwise: .late)
    }

    /// Waits for `work`, which ends when it is cancelled, within the time that ``CallerUnits/Limits`` gives.
    private func waitAtMost(_ work: @escaping @Sendable () async -> Void) async {
        let clock = units.clock
        let end = clock.now + units.limits.timeout
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await work() }
            group.addTask { try? await clock.sleep(until: end, tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
    }

    /// The connection is closed: what has not begun need not be looked up any more.
    func close() {
        state.withLock { $0.process = nil }
    }

    private func lookUp(_ depth: CallerUnit.Depth) async {
        while !Task.isCancelled {
            let step: Step = state.withLock { state in
                if state.isRunning { return .wait }
                if state.unit.answers(depth) || state.process == nil { return .answered }
                state.isRunning = true
                return .lookUp
            }
            switch step {
            case .answered: return
            case .wait: await ended()
            case .lookUp:
                if !units.submit(of: uid, isNeeded: true, { self.runIfWanted(depth, mayBlock: $0) }) {
                    end(.unknown(.busy))
                }
            }
        }
    }

    /// Those whose calls have given up waiting must not hold up others when systemd answers again.
    private func runIfWanted(_ depth: CallerUnit.Depth, mayBlock: Bool) {
        guard state.withLock({ $0.wanting > 0 }) else { return end(current) }
        run(depth, mayBlock: mayBlock)
    }

    /// On the thread for that.
    private func run(_ depth: CallerUnit.Depth, mayBlock: Bool) {
        guard mayBlock else { return end(.unknown(.busy)) }
        guard let process = state.withLock({ $0.process }) else { return end(.unknown(.processGone)) }
        end(units.lookUp(process, depth))
    }

    private func end(_ unit: CallerUnit) {
        let waiters = state.withLock { state in
            state.unit = unit
            state.isRunning = false
            if unit.isFinal { state.process = nil }
            return state.waiters.removeAll()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when what runs has ended, or the task is cancelled.
    private func ended() async {
        await Waiter<Void>.wait { waiter in
            let isOver = state.withLock { state in
                guard state.isRunning, !Task.isCancelled else { return true }
                state.waiters.add(waiter)
                return false
            }
            if isOver { waiter.resume() }
        } leave: { id in
            self.state.withLock { $0.waiters.remove(id) }?.resume()
        }
    }
}
