import Foundation
import Synchronization
import TestSupport

/// The receiving end of sd_notify(3), so that a test waits for readiness as systemd does.
///
/// Like systemd, it reads all the time: a sender is blocked when a few messages are left unread.
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let inbox = Inbox()

    init(in scratch: Scratch, name: String) throws {
        path = scratch[name]
        try? FileManager.default.removeItem(atPath: path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessFailure("socket: \(systemErrorText())") }
        try unsafe withUnixAddress(path) { unsafe bind(descriptor, $0, $1) }
        BlockingThread.run { [descriptor, inbox] in
            inbox.receive(from: descriptor)
            close(descriptor)
        }
    }

    // It wakes the thread, whose recv then has nothing more to give.
    deinit { shutdown(descriptor, Int32(SHUT_RD)) }

    /// All assignments received so far, such as `READY=1`, oldest first.
    func assignments() -> [String] { inbox.lines.withLock { $0 } }

    private final class Inbox: Sendable {
        let lines = Mutex<[String]>([])

        func receive(from descriptor: Int32) {
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes {
                    unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
                }
                guard count > 0 else { return }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                lines.withLock { $0 += text.split(separator: "\n").map(String.init) }
            }
        }
    }
}
