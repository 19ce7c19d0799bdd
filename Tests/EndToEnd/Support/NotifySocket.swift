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
    deinit {
        shutdown(descriptor, Int32(SHUT_RD))
        inbox.open()
    }

    /// All assignments received so far, such as `READY=1`, oldest first.
    func assignments() -> [String] { inbox.lines.withLock { $0 } }

    /// Leaves everything unread from now on, and lets no more messages in.
    ///
    /// - Returns: How many assignments have been received.
    @discardableResult
    func pause() async throws -> Int {
        inbox.close()
        let filler = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(filler) }
        try unsafe withUnixAddress(path) { unsafe connect(filler, $0, $1) }
        while unsafe send(filler, "FILLER=1", 8, Int32(MSG_NOSIGNAL)) == 8 {}
        guard errno == EAGAIN else { throw HarnessFailure("send: \(systemErrorText())") }
        return assignments().count
    }

    /// Reads on.
    func resume() { inbox.open() }

    private final class Inbox: Sendable {
        let lines = Mutex<[String]>([])
        private let turnstile = DispatchSemaphore(value: 1)

        func close() { turnstile.wait() }

        func open() { turnstile.signal() }

        func receive(from descriptor: Int32) {
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                // What it takes while it is closed, nobody could put back.
                var byte: UInt8 = 0
                guard unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK)) > 0 else { return }
                turnstile.wait()
                defer { turnstile.signal() }
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
