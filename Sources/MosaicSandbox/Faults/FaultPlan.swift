import Synchronization

/// The faults in force, in the order they were added; the first that concerns a request, and hits it by its probability, is
/// the one it meets.
package final class FaultPlan: Sendable {
    private struct State {
        var faults: [Fault] = []
        var lastID = 0
    }

    private let state = Mutex(State())

    private let random: @Sendable () -> Double

    /// No faults.
    ///
    /// - Parameter random: Numbers from 0 up to 1, for faults with a probability.
    package init(random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }) {
        self.random = random
    }

    /// Adds a fault and returns it with its number.
    package func add(_ fault: Fault) -> Fault {
        state.withLock { state in
            state.lastID += 1
            var fault = fault
            fault.id = state.lastID
            state.faults.append(fault)
            return fault
        }
    }

    /// The fault that a request to that endpoint meets, counted down; one whose count is used up goes away.
    package func take(for endpoint: Endpoint) -> Fault? {
        state.withLock { state in
            let index = state.faults.firstIndex { fault in
                fault.concerns(endpoint) && (fault.probability.map { random() < $0 } ?? true)
            }
            guard let index else { return nil }
            let fault = state.faults[index]
            if let count = fault.count {
                if count <= 1 {
                    state.faults.remove(at: index)
                } else {
                    state.faults[index].count = count - 1
                }
            }
            return fault
        }
    }

    /// The faults in force.
    package var all: [Fault] { state.withLock { $0.faults } }

    /// Takes away one fault, or all; returns how many there were.
    package func clear(id: Int? = nil) -> Int {
        state.withLock { state in
            let before = state.faults.count
            state.faults.removeAll { id == nil || $0.id == id }
            return before - state.faults.count
        }
    }
}
