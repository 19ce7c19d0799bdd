import AgentProtocol
import NIOCore

// Answers become bytes.
extension ConnectionHandler {
    /// What is known of the bytes on their way out.
    struct OutputState {
        var callsAnswered = 0
        /// What the budget of the peer's uid was told last.
        var unreadReported = 0
        /// What was written since the kernel was last offered it.
        var unoffered = 0
        var isFlushScheduled = false
        var isFlushing = false
    }

    /// Bytes of answers that wait for the end of a round of the loop, at most, before the kernel is offered them and the
    /// limits are looked at. Small answers leave together; many large ones must not heap up in one round.
    private static var mostUnoffered: Int { 65_536 }

    /// Takes the answer of a call that ``start(_:endedBecause:)`` started.
    func answered(_ call: Call, with answer: Answer) {
        shared.counters.callsInFlight.decrement()
        holdMemory(-HeldMemory.perCall)
        output.callsAnswered += 1
        switch machine.answer(to: call.request.id) {
        case .discard:
            shared.counters.answersUndelivered.increment()
            answer.audit?.submit(delivered: false)
        case .write(let next):
            write(answer.line, audit: answer.audit)
            if let next { start(next) }
            // A place is free: read on; the flush looks at that as well.
            if !output.isFlushScheduled { settle() }
        }
    }

    /// Writes notifications of a call in flight, which are no answers: nobody has asked for each of them, so those that
    /// are not read do not end the connection.
    func notify(_ lines: [UInt8], _ written: WrittenNotification) {
        guard let context, !machine.isClosed else { return written.end(false) }
        var buffer = context.channel.allocator.buffer(capacity: lines.count)
        buffer.writeBytes(lines)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { result in
            guard case .success = result else { return written.end(false) }
            written.end(true)
        }
        context.write(wrapOutboundOut(buffer), promise: promise)
        scheduleFlush()
    }

    /// Answers a line that is no call.
    func refuseLine(_ error: ProtocolError) {
        shared.counters.linesRefused.increment()
        write(error.line(), audit: shared.recordLine(connection.caller, connection.socket, error.kind))
    }

    private func write(_ line: [UInt8], audit: (any AuditSubmission)?) {
        guard let context else {
            audit?.submit(delivered: false)
            return
        }
        audit?.submit(delivered: true)
        var buffer = context.channel.allocator.buffer(capacity: line.count + 1)
        buffer.writeBytes(line)
        buffer.writeInteger(UInt8(ascii: "\n"))
        let count = buffer.readableBytes
        machine.answerQueued(bytes: count, now: shared.clock.now)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            self.written(audit, result)
        }
        context.write(wrapOutboundOut(buffer), promise: written)
        output.unoffered += count
        if output.unoffered >= Self.mostUnoffered, !output.isFlushing {
            offer()
        } else {
            scheduleFlush()
        }
    }

    private func written(_ audit: (any AuditSubmission)?, _ result: Result<Void, any Error>) {
        switch result {
        case .success:
            machine.answerWritten()
            // The kernel took it later than it was offered: what follows from that was not looked at yet.
            if !output.isFlushing { scheduleFlush() }
        case .failure:
            if let audit {
                shared.counters.answersUndelivered.increment()
                audit.answerLost()
            }
        }
    }

    /// Offers all answers of this round of the loop to the kernel at once.
    private func scheduleFlush() {
        guard !output.isFlushScheduled, context != nil else { return }
        output.isFlushScheduled = true
        runner.executor.afterJobs {
            self.output.isFlushScheduled = false
            self.flush()
        }
    }

    private func flush() {
        guard offer() else { return }
        settle()
    }

    /// Offers the kernel all answers, and holds what it leaves against the limits.
    ///
    /// - Returns: whether the connection goes on.
    @discardableResult
    private func offer() -> Bool {
        guard let context else { return false }
        output.unoffered = 0
        output.isFlushing = true
        context.flush()
        output.isFlushing = false
        // The flush may have found that the peer is gone.
        guard !machine.isClosed else { return false }
        let unread = machine.unreadBytes
        if unread != output.unreadReported {
            let isWithinBudget = shared.unreadBudget.change(
                uid: connection.caller.uid,
                from: output.unreadReported,
                to: unread
            )
            holdMemory(unread - output.unreadReported)
            output.unreadReported = unread
            guard isWithinBudget, !machine.isOverUnreadLimit else {
                breakOff()
                return false
            }
        }
        return true
    }
}
