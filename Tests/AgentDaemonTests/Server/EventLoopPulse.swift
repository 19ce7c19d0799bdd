import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A socket of each event loop that a test can ring: the loop hears it when it has polled its sockets, so after everything
/// that they had before. Work that is merely queued on a loop says nothing of them: the loop may do several pieces of it
/// before it polls again.
enum EventLoopPulse {
    /// One end is a channel of the loop, the other one is rung.
    private struct Bell: Sendable {
        let heard: Heard
        let descriptor: Int32
    }

    /// One for each loop of the group that all servers under test share, made before a test takes the descriptors away.
    private static let bells = Result<[Bell], any Error> {
        var bells: [Bell] = []
        for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
            var ends: [Int32] = [-1, -1]
            try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            let heard = Heard()
            _ = try ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(heard) }
                }
                .withConnectedSocket(ends[0]).wait()
            bells.append(Bell(heard: heard, descriptor: ends[1]))
        }
        return bells
    }

    /// Makes the bells, if there are none yet.
    static func prepare() async throws {
        _ = try await NIOThreadPool.singleton.runIfActive { try bells.get().count }
    }

    /// Returns when each loop has polled its sockets once.
    static func beat() async throws {
        for bell in try bells.get() {
            try await withCheckedThrowingContinuation { continuation in
                bell.heard.expect(continuation)
                var byte: UInt8 = 0
                if unsafe write(bell.descriptor, &byte, 1) != 1 { bell.heard.fail() }
            }
        }
    }

    /// Says that a bell could not be rung.
    struct Broken: Error {}

    /// Wakes who has rung, first come first served.
    private final class Heard: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let waiting = Mutex<[CheckedContinuation<Void, any Error>]>([])

        func expect(_ continuation: CheckedContinuation<Void, any Error>) {
            waiting.withLock { $0.append(continuation) }
        }

        func fail() {
            let all = waiting.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
            for continuation in all { continuation.resume(throwing: Broken()) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let count = unwrapInboundIn(data).readableBytes
            let heard = waiting.withLock { waiting in
                defer { waiting.removeFirst(min(count, waiting.count)) }
                return waiting.prefix(count)
            }
            for continuation in heard { continuation.resume() }
        }
    }
}
