import AgentProtocol
import Logging
import MosaicAPI
import NIOCore
import Systemd

// Time passes, and connections end.
extension ConnectionHandler {
    /// Looks at the clock: what is due, and when to look again.
    func timerFired() {
        cancelTimer()
        let actions = machine.timer(now: shared.clock.now)
        end(actions.calls, because: .deadline)
        switch actions.connection {
        case .goOn:
            break
        case .answerSlowLine:
            shared.counters.connectionsBroken.increment()
            refuseLine(.lineTooSlow(limit: limits.connection.lineCompletion))
        case .answerSilence:
            shared.counters.connectionsBroken.increment()
            refuseLine(.noLine(limit: limits.connection.firstLine))
        case .close:
            return breakOff()
        }
        settle()
    }

    /// The daemon begins to stop.
    func drain() {
        end(machine.drain(now: shared.clock.now), because: .shuttingDown)
        settle()
    }

    /// The time for draining is over.
    func expireDrain() {
        end(machine.expireDrain(), because: .shuttingDown)
        settle()
    }

    /// Closes the connection whatever is in flight.
    func closeNow() {
        over()
        context?.close(promise: nil)
    }

    /// Closes the connection because its peer does not keep to the rules.
    func breakOff() {
        shared.counters.connectionsBroken.increment()
        closeNow()
    }

    /// The connection is over: calls that were not sent are dropped, those that were run to their end.
    func over() {
        let calls = machine.abandon()
        for call in calls.end where !call.control.end(.peerGone) { runner.leaveUnattended(call.control) }
        for call in calls.startEnded { start(call, endedBecause: .peerGone) }
        if output.unreadReported > 0 {
            _ = shared.unreadBudget.change(uid: connection.caller.uid, from: output.unreadReported, to: 0)
            holdMemory(-output.unreadReported)
            output.unreadReported = 0
        }
        input.abandon()
    }

    /// Tells how much more memory is held, or less, and has it given back after a flood.
    func holdMemory(_ bytes: Int) {
        guard shared.heldMemory.change(by: bytes), let eventLoop else { return }
        let (heldMemory, logger) = (shared.heldMemory, shared.logger)
        for delay in HeldMemory.delays {
            eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
                heldMemory.giveBack {
                    do throws(SystemCallError) {
                        try FreedMemory.giveBack()
                    } catch {
                        logger.error("memory is no longer locked", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    private func end(
        _ calls: ConnectionStateMachine<RequestID, Call>.EndActions,
        because ending: CallLifecycle.EndReason
    ) {
        for call in calls.end { call.control.end(ending) }
        for call in calls.startEnded { start(call, endedBecause: ending) }
    }

    /// Sees to it that ``timerFired()`` is called when the machine's next moment comes.
    ///
    /// The loop's timer is a hint: it stands still while the machine sleeps, and only the clock decides what is due.
    func armTimer() {
        guard let due = machine.timerDue, let context else { return }
        if let timerDue {
            guard due < timerDue else { return }
            timer?.cancel()
        }
        let wait = max(.zero, due - shared.clock.now)
        let scheduled = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(wait)) {
            self.timerFired()
        }
        timerDue = due
        timer = scheduled
    }

    /// Nothing is due any more.
    func cancelTimer() {
        timer?.cancel()
        timer = nil
        timerDue = nil
    }
}
