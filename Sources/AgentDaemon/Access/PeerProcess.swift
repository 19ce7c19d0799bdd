import Glibc
import Systemd

/// The process at the other end of a connection, held on to since the connection was accepted.
struct PeerProcess: Sendable {
    private enum Hold: Sendable {
        /// The kernel named the very process that made the connection.
        case certain(any ProcessHold)
        /// The process that had the caller's number when the connection was accepted, at this time.
        case opened(any ProcessHold, accepted: Int64)
    }

    /// Its number: as long as it has not ended, no other process has that.
    let pid: Int32
    private let user: UInt32
    private let hold: Hold

    /// Takes hold of the process that made a connection, which has just been accepted.
    ///
    /// - Throws: why that is impossible.
    init(socket: CInt, caller: Caller, kernel: ProcessKernel) throws(CallerUnitProblem) {
        let accepted = kernel.bootTime()
        // A process in another PID namespace than ours has no number here.
        guard caller.pid > 0 else { throw .unnamedProcess }
        pid = caller.pid
        user = caller.uid
        do throws(SystemCallError) {
            hold = .certain(try kernel.peer(socket))
        } catch {
            guard error.number == ENOPROTOOPT else { throw Self.problem(error) }
            do throws(SystemCallError) {
                hold = .opened(try kernel.open(caller.pid), accepted: accepted)
            } catch {
                throw Self.problem(error)
            }
        }
    }

    /// Why what is found under the process's number may be about another process; nil when it is about this one.
    ///
    /// To be asked after the number was used: a process that has not ended by then had its number all the time.
    func problem(_ kernel: ProcessKernel) -> CallerUnitProblem? {
        switch hold {
        case .certain(let process):
            return process.hasEnded ? .processGone : nil
        case .opened(let process, let accepted):
            let facts = kernel.facts(pid)
            // Only now, so that the facts are this process's.
            guard !process.hasEnded else { return .processGone }
            guard let facts else { return .processHidden }
            guard facts.user == user else { return .otherUser }
            // Both counted in ticks; the caller's process had begun when the connection was accepted.
            let tick = Int64(1_000_000_000 / kernel.ticksPerSecond)
            return facts.start > UInt64(max(0, accepted / tick)) ? .processTooYoung : nil
        }
    }

    private static func problem(_ error: SystemCallError) -> CallerUnitProblem {
        switch error.number {
        // Which of them says that there is no such process any more, differs between kernels.
        case ESRCH, EINVAL, ENODATA: .processGone
        case EMFILE, ENFILE, ENOMEM: .busy
        default: .unnamedProcess
        }
    }
}
