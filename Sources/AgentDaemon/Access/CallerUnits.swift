import Concurrency
import Glibc
package import MosaicAPI
package import NIOPosix
import Synchronization
package import Systemd

/// Finds out to which units callers belong, by asking systemd: one caller after the other, on a thread that does nothing else.
///
/// Every answer costs the system's first process some work, so a connection's caller is looked up once. Where no rule
/// depends on it and only an answer or the audit record is to be fuller, few look-ups a second are made. Uids take turns,
/// and none takes more than half of what is free.
package final class CallerUnits: Sendable {
    /// How much is looked up.
    package struct Limits: Sendable {
        /// How long a call waits for it.
        package var timeout = Duration.seconds(2)
        /// Callers that may wait to be looked up.
        package var queue = 1_024
        /// Of these, how many may be there already for another one to join that does not depend on it.
        package var optionalQueue = 8
        /// How many of this kind are looked up in a second.
        package var optionalRate = 100

        /// The limits of the agent.
        package init() {}
    }

    private typealias Work = @Sendable (_ mayBlock: Bool) -> Void

    private struct State {
        var waiting = FairQueue<Work>()
        var isRunning = false
        var second: ContinuousClock.Instant?
        /// The look-ups of this second for which there is no need, by uid.
        var optional: [UInt32: Int] = [:]
        var optionalTotal = 0
        var problem: CallerUnitProblem?
    }

    let limits: Limits
    let clock: any AgentClock
    private let manager: any ServiceManagerAsking
    private let kernel: ProcessKernel
    private let thread: NIOThreadPool
    private let kernelWay: CallerUnitWay
    private let state = Mutex(State())

    /// Nothing is asked yet.
    ///
    /// - Parameter thread: a started pool of one thread that does nothing else, of which the owner takes care.
    package init(
        manager: any ServiceManagerAsking,
        kernel: ProcessKernel = .system,
        thread: NIOThreadPool,
        clock: any AgentClock,
        limits: Limits = Limits()
    ) {
        self.manager = manager
        self.kernel = kernel
        self.thread = thread
        self.clock = clock
        self.limits = limits
        kernelWay = kernel.way
    }

    /// The way in force: what the kernel makes possible, or why systemd could not be asked when it last was.
    package var way: CallerUnitWay {
        guard let problem = state.withLock({ $0.problem }) else { return kernelWay }
        if case .none = kernelWay { return kernelWay }
        return .none(problem)
    }

    /// Why units of callers cannot be found out on this system, as far as a process outside the agent's service can tell.
    package static func problemHere() -> CallerUnitProblem? {
        switch ProcessKernel.system.way {
        case .none(let problem): return problem
        // The agent's own unit has it so, but for a drop-in.
        case .openedDescriptor: return .processHidden
        case .peerDescriptor: break
        }
        do throws(ServiceManagerError) {
            try SystemManager().reach()
            return nil
        } catch {
            return CallerUnitProblem(error)
        }
    }

    /// Takes hold of the caller on a connection that has just been accepted.
    func source(socket: CInt, caller: Caller) -> CallerUnitSource {
        do throws(CallerUnitProblem) {
            let process = try PeerProcess(socket: socket, caller: caller, kernel: kernel)
            return CallerUnitSource(of: process, uid: caller.uid, units: self)
        } catch {
            return CallerUnitSource(unknown: error, uid: caller.uid, units: self)
        }
    }

    /// Asks systemd about this process itself, to know whether it answers; blocks, so only for the thread.
    package func probe() {
        do throws(ServiceManagerError) {
            _ = try manager.unit(ofProcess: getpid())
            note(nil)
        } catch {
            note(CallerUnitProblem(error))
        }
    }

    /// Has `work` done on the thread, unless too much is to be done there already.
    ///
    /// - Parameters:
    ///   - uid: whose process is looked up.
    ///   - isNeeded: whether a call waits for it.
    ///   - work: told whether it may block, which it may not once the thread has ended.
    func submit(of uid: UInt32, isNeeded: Bool, _ work: @escaping @Sendable (_ mayBlock: Bool) -> Void) -> Bool {
        let now = clock.now
        let isTaken = state.withLock { state in
            // The one that runs counts, too.
            let taken = state.waiting.count + (state.isRunning ? 1 : 0)
            guard state.waiting.count(of: uid) < (isNeeded ? limits.queue : limits.optionalQueue) - taken else {
                return false
            }
            if !isNeeded {
                if state.second.map({ now - $0 >= .seconds(1) }) ?? true {
                    (state.second, state.optional, state.optionalTotal) = (now, [:], 0)
                }
                guard state.optional[uid, default: 0] < limits.optionalRate - state.optionalTotal else { return false }
                state.optional[uid, default: 0] += 1
                state.optionalTotal += 1
            }
            state.waiting.append(work, of: uid)
            return true
        }
        guard isTaken else { return false }
        thread.submit { thread in
            let next = self.state.withLock { state in
                state.isRunning = true
                return state.waiting.popFirst()
            }
            next?(thread == .active)
            self.state.withLock { $0.isRunning = false }
        }
        return true
    }

    /// Whether nothing is being looked up.
    var isIdle: Bool { state.withLock { $0.waiting.isEmpty && !$0.isRunning } }

    /// Asks systemd; blocks, so only on the thread.
    func lookUp(_ process: PeerProcess, _ depth: CallerUnit.Depth) -> CallerUnit {
        // Where it is clear beforehand that the answer could not be trusted, systemd need not be asked.
        if let problem = process.problem(kernel) { return .unknown(problem) }
        do throws(ServiceManagerError) {
            let name = try manager.unit(ofProcess: process.pid)
            guard UnitName(name) != nil else { throw .malformed }
            note(nil)
            let user = userUnit(of: process, in: name, depth)
            if let problem = process.problem(kernel) { return .unknown(problem) }
            return .known(name, user: user)
        } catch {
            let problem = CallerUnitProblem(error)
            note(problem)
            return .unknown(problem)
        }
    }

    private func userUnit(of process: PeerProcess, in unit: String, _ depth: CallerUnit.Depth) -> CallerUnit.UserUnit {
        guard let uid = ControlGroupPath.manager(inUnit: unit) else { return .none }
        guard depth == .userUnit else { return .unasked }
        do throws(ServiceManagerError) {
            guard let path = try manager.controlGroup(ofProcess: process.pid, inUnit: unit),
                let name = ControlGroupPath.userUnit(in: path, below: unit)
            else { return .unknown(.noUnit) }
            return .known(name, manager: uid)
        } catch {
            let problem = CallerUnitProblem(error)
            note(problem)
            return .unknown(problem)
        }
    }

    /// Only what is not the single caller's matter stands for the next ones.
    private func note(_ problem: CallerUnitProblem?) {
        let general = problem.flatMap { [.noBus, .late, .refused].contains($0) ? $0 : nil }
        state.withLock { $0.problem = general }
    }
}

extension CallerUnitProblem {
    /// What became of a question to systemd.
    init(_ error: ServiceManagerError) {
        self =
            switch error {
            case .unreachable: .noBus
            case .late: .late
            case .refused("org.freedesktop.systemd1.NoUnitForPID"): .noUnit
            case .refused("org.freedesktop.systemd1.NoSuchProcess"),
                .refused("org.freedesktop.DBus.Error.UnixProcessIdUnknown"):
                .processGone
            case .refused, .malformed: .refused
            }
    }

    /// Whether another attempt, a little later, may come to something else.
    var isTransient: Bool {
        switch self {
        case .noBus, .late, .refused, .busy, .unasked: true
        case .unnamedProcess, .processGone, .processTooYoung, .processHidden, .otherUser, .noUnit: false
        }
    }
}
