import AgentProtocol
import NIOConcurrencyHelpers
import Synchronization

@testable import AgentDaemon

/// Keeps what it is asked to write, and can be made to block as a busy journal does.
final class RecordingSink: AuditSink {
    private let written = Mutex<[AuditEntry]>([])
    private let gate = ConditionLock(value: 1)
    private let failure = Mutex<String?>(nil)

    var entries: [AuditEntry] { written.withLock { $0 } }

    var records: [AuditRecord] {
        entries.compactMap { entry in
            guard case .call(let record) = entry else { return nil }
            return record
        }
    }

    var summaries: [AuditSummary] {
        entries.compactMap { entry in
            guard case .summary(let summary) = entry else { return nil }
            return summary
        }
    }

    func write(_ entries: [AuditEntry]) -> AuditWriteResult {
        gate.lock(whenValue: 1)
        gate.unlock()
        if let failure = failure.withLock({ $0 }) { return AuditWriteResult(written: 0, failure: failure) }
        written.withLock { $0.append(contentsOf: entries) }
        return AuditWriteResult(written: entries.count)
    }

    /// Has all writes fail; nil has them succeed again.
    func fail(_ reason: String?) {
        failure.withLock { $0 = reason }
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
    static func sample(callID: String, uid: UInt32 = 1000) -> AuditRecord {
        AuditRecord(
            event: .granted,
            method: "password.authenticate",
            verdict: "granted",
            callerUID: uid,
            callerPID: 42,
            socket: "main",
            callID: callID,
            duration: .microseconds(1500)
        )
    }
}

extension AuditCaller {
    /// A caller with a rule, as the records are of.
    static let plain = AuditCaller(uid: 1000, socket: .main)
    /// Another one.
    static let other = AuditCaller(uid: 2000, socket: .main)
    /// Root.
    static let root = AuditCaller(uid: 0, socket: .main)
}
