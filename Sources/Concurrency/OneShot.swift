import Synchronization

/// A value that is told once, to one task that waits for it before or after.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(Waiter<Value>)
        case told(Value)
    }

    private let state = Mutex(State.open)

    /// Not told yet.
    package init() {}

    /// The value; nil while it has not been told.
    package var told: Value? {
        state.withLock { if case .told(let value) = $0 { value } else { nil } }
    }

    /// Tells the value; what has been told stays.
    ///
    /// - Returns: whether it was the first.
    @discardableResult package func tell(_ value: Value) -> Bool {
        let (isFirst, waiter): (Bool, Waiter<Value>?) = state.withLock { state in
            switch state {
            case .open:
                state = .told(value)
                return (true, nil)
            case .awaited(let waiter):
                state = .told(value)
                return (true, waiter)
            case .told:
                return (false, nil)
            }
        }
        waiter?.resume(returning: value)
        return isFirst
    }

    /// Waits for the value. Only one task may.
    ///
    /// - Parameters:
    ///   - begin: called once the task waits; not when the value is there already.
    ///   - onCancel: called when the task is cancelled; it has to see to it that a value is told.
    package func value(
        isolation: isolated (any Actor)? = #isolation,
        begin: () -> Void = {},
        onCancel: @escaping @Sendable () -> Void = {}
    ) async -> Value {
        await Waiter.wait { waiter in
            let told: Value? = state.withLock { state in
                switch state {
                case .told(let value): return value
                case .awaited: preconditionFailure("two tasks wait for one value")
                case .open:
                    state = .awaited(waiter)
                    return nil
                }
            }
            if let told { waiter.resume(returning: told) } else { begin() }
        } leave: { _ in
            onCancel()
        }
    }
}
