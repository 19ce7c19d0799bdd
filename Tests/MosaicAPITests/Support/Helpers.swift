import MosaicAPI
import Secrets
import Synchronization

extension Secret {
    /// A secret from a literal of a test.
    init(_ text: String) {
        self.init(copying: text.utf8)
    }

    /// The content, for comparing it in a test.
    var text: String {
        var bytes: [UInt8] = []
        withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UpstreamResponse {
    /// A response with a JSON body.
    init(_ status: Int, _ body: String = "", authenticate: [String] = [], retryAfter: String? = nil) {
        self.init(status: status, authenticate: authenticate, retryAfter: retryAfter, body: Array(body.utf8))
    }
}

extension Result {
    /// The failure, if it is one.
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }

    /// The value, if it is one.
    var value: Success? {
        if case .success(let value) = self { value } else { nil }
    }
}

/// Counts across tasks.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    /// Adds one; answers `true` so that it can stand for a caller's last word.
    func increment() -> Bool {
        count.withLock { $0 += 1 }
        return true
    }
}

/// A switch that a test turns while others look at it.
final class Flag: Sendable {
    private let state: Mutex<Bool>

    init(_ value: Bool) {
        state = Mutex(value)
    }

    var value: Bool { state.withLock { $0 } }

    func set(_ value: Bool) {
        state.withLock { $0 = value }
    }
}
