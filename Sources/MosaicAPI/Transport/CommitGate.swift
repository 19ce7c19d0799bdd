import NIOCore
import Secrets
import Synchronization

/// Knows of one request whether it can have left the host.
///
/// The body of a request is handed to the HTTP client as a stream of one part. The client asks for that part only when
/// a connection is up, its TLS handshake is done and the request's head is on its way. That first pull is the moment
/// of departure: until then the server holds no more than a head whose promised body never comes, on which it
/// cannot act. Whatever goes wrong before the pull provably had no effect; after it, the effect is unknown.
///
/// Once the exchange has failed, the gate is closed: a pull that comes late gets nothing, so a request that was
/// reported as not sent cannot slip out afterwards.
final class CommitGate: Sendable {
    private enum State {
        case waiting
        case departed
        case closed
    }

    private let state = Mutex(State.waiting)
    private let willSend: @Sendable () -> Bool

    /// A gate that asks for the caller's word before it opens.
    init(willSend: @escaping @Sendable () -> Bool) {
        self.willSend = willSend
    }

    /// The request is about to leave; answers whether it may.
    func depart() -> Bool {
        // The caller's word is asked outside the lock: it may take locks of its own.
        guard state.withLock({ $0 == .waiting }), willSend() else {
            state.withLock { if $0 == .waiting { $0 = .closed } }
            return false
        }
        return state.withLock { state in
            guard state == .waiting else { return false }
            state = .departed
            return true
        }
    }

    /// The exchange is over without a response; answers whether the request can have left.
    func close() -> Bool {
        state.withLock { state in
            guard state != .departed else { return true }
            state = .closed
            return false
        }
    }
}

/// The caller's last word was no.
struct CommitRefused: Error {}

/// A request body that is a stream of one part, so that the pull of that part can be seen.
struct CommittingBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let gate: CommitGate
    let bytes: Secret

    func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let body: CommittingBody
        private var isDone = false

        init(body: CommittingBody) {
            self.body = body
        }

        mutating func next() async throws -> ByteBuffer? {
            guard !isDone else { return nil }
            isDone = true
            guard body.gate.depart() else { throw CommitRefused() }
            var buffer = ByteBufferAllocator().buffer(capacity: body.bytes.count)
            // `bytes` is unsafe for types with padding, which may be uninitialised; UInt8 has none.
            body.bytes.withBytes { _ = unsafe buffer.writeBytes($0.bytes) }
            return buffer
        }
    }
}
