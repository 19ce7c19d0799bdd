// What the machine's events answer: orders to its driver.

extension ConnectionStateMachine {
    /// What to do with a call that was read.
    enum CallAction: Sendable {
        /// Run it.
        case start(Payload)
        /// Have it answered at once as ended for this reason.
        case startEnded(Payload, CallLifecycle.EndReason)
        /// It waits its turn; do nothing.
        case park
        /// Its id is in flight: `-32600` with id null; the first call goes on.
        case refuseDuplicate
        /// The connection is over; do nothing.
        case ignore
    }

    /// What to do with a line that is no call.
    enum LineAction {
        /// Write the error.
        case answer
        /// It was one too many: say so in its place; nothing more is read.
        case answerLast
        /// The connection is over; do nothing.
        case ignore
    }

    /// What `$/cancel` does.
    enum CancelAction: Sendable {
        /// End the running call; its answer will come.
        case end(Payload)
        /// It was parked: have it answered at once as cancelled.
        case startEnded(Payload)
        /// There is no such call.
        case ignore
    }

    /// What to do with an answer that the dispatcher gave.
    enum AnswerAction: Sendable {
        /// Write it, and run the call whose turn has come, if any.
        case write(thenStart: Payload?)
        /// Nobody can read it: audit it as not delivered.
        case discard
    }

    /// What the passing of time asks for.
    struct TimerActions {
        /// What becomes of the connection.
        enum Connection {
            /// It goes on.
            case goOn
            /// A line was not complete in time: answer `-32600` with id null; nothing more is read.
            case answerSlowLine
            /// No line came in time: answer `-32600` with id null; nothing more is read.
            case answerSilence
            /// Answers stay unread, or the daemon stops and no line has come: close without a word.
            case close
        }

        /// What becomes of the calls that met their deadline.
        var calls = EndActions()
        /// What becomes of the connection.
        var connection = Connection.goOn
    }

    /// What to do with calls that end before their answer.
    struct EndActions {
        /// Running ones: end these.
        var end: [Payload] = []
        /// Parked ones: have these answered as ended.
        var startEnded: [Payload] = []
    }
}

extension ConnectionStateMachine.CallAction: Equatable where Payload: Equatable {}
extension ConnectionStateMachine.CancelAction: Equatable where Payload: Equatable {}
extension ConnectionStateMachine.AnswerAction: Equatable where Payload: Equatable {}
