import AgentProtocol
import NIOConcurrencyHelpers
import Synchronization

@testable import AgentDaemon

/// Keeps what it is asked to write, and can be made to block as a busy journal does.
final class RecordingSink: AuditSink {
    private let written = Mutex<[AuditEntry]>([])
    private let gate = ConditionLock(value: 1)

    var entries: [AuditEntry] { written.withLock { $0 } }

    var records: [AuditRecord] {
        entries.compactMap { entry in
            guard case .call(let record) = entry else { return nil }
            return record
        }
    }

    func write(_ entries: [AuditEntry]) {
        gate.lock(whenValue: 1)
        gate.unlock()
        written.withLock { $0.append(contentsOf: entries) }
    }

    func block() {
        gate.lock()
        gate.unlock(withValue: 0)
    }

    func unblock() {
        gate.lock()
        gate.unlock(withValue: 1)
    }
}

extension AuditRecord {
    static func sample(callID: String) -> AuditRecord {
        AuditRecord(
            event: .granted,
            method: "password.authenticate",
            verdict: "granted",
            callerUID: 1000,
            callerPID: 42,
            socket: "main",
            callID: callID,
            duration: .microseconds(1500)
        )
    }
}
