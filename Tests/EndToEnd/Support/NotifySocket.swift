import Foundation
import Synchronization

/// The receiving end of sd_notify(3), so that a test waits for readiness as systemd does.
final class NotifySocket: Sendable {
    let path: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    init(in scratch: Scratch, name: String) throws {
        path = scratch[name]
        try? FileManager.default.removeItem(atPath: path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { throw HarnessFailure("socket: \(systemErrorText())") }
        let descriptor = descriptor
        try unsafe withUnixAddress(path) { unsafe bind(descriptor, $0, $1) }
    }

    deinit { close(descriptor) }

    /// All assignments received so far, such as `READY=1`, oldest first.
    func assignments() -> [String] {
        received.withLock { lines in
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = unsafe buffer.withUnsafeMutableBytes {
                    unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
                }
                guard count > 0 else { return lines }
                lines += String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }
    }
}
