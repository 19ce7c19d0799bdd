import Foundation
import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

@testable import MosaicAPI

@Suite(.longTimeLimit)
struct `The pools of a host`: TransportTests {
    let clock = TestClock()

    /// Two loops with a pool each, which share a host's connections.
    private final class Bed: Sendable {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let coordinator: HostCoordinator
        let pools: [NIOLoopBound<HostPool>]
        private let submissions = Mutex(0)

        init(_ url: ServiceURL, connections: Int, clock: TestClock) async throws {
            let configuration = TransportConfiguration()
            let settings = PoolSettings(configuration, tls: try configuration.tlsConfiguration(), clock: clock)
            let coordinator = HostCoordinator(limit: connections)
            var pools: [NIOLoopBound<HostPool>] = []
            for eventLoop in group.makeIterator() {
                pools.append(
                    try await eventLoop.submit {
                        let pool = HostPool(
                            eventLoop: eventLoop,
                            endpoint: Endpoint(url),
                            settings: settings,
                            coordinator: coordinator
                        )
                        return NIOLoopBound(pool, eventLoop: eventLoop)
                    }.get()
                )
            }
            self.coordinator = coordinator
            self.pools = pools
        }

        /// Has an exchange carried out by a pool, after what is to be done on its loop before.
        func send(
            _ exchange: Exchange,
            to index: Int,
            after preparation: @escaping @Sendable () -> Void = {}
        ) async -> Exchange.Outcome {
            let pool = pools[index]
            return await unsafe withUnsafeContinuation { continuation in
                guard exchange.wait(with: unsafe Exchange.Caller(continuation)) else { return }
                pool.eventLoop.execute {
                    preparation()
                    pool.value.submit(exchange)
                }
                submissions.withLock { $0 += 1 }
            }
        }

        /// How many exchanges the loops were given.
        var submitted: Int { submissions.withLock { $0 } }

        /// Waits until a loop has done what it was given.
        func turn(_ index: Int) async throws { try await pools[index].eventLoop.submit {}.get() }

        func shutDown() async throws {
            for pool in pools { try await pool.eventLoop.submit { pool.value.shutDown() }.get() }
            try await group.shutdownGracefully()
        }
    }

    private func exchange(_ port: Int, _ body: String = "quick", uid: UInt32 = 7) throws -> Exchange {
        Exchange(try post(port, body: body), call: UpstreamCall(deadline: clock.now + .seconds(60), uid: uid))
    }

    private static func body(_ outcome: Exchange.Outcome) throws -> String {
        String(decoding: try outcome.get().body, as: UTF8.self)
    }

    /// Answers all requests but those whose body begins with `slow`.
    private static func server() -> LoopbackServer {
        LoopbackServer { $0.body.hasPrefix("slow") ? [] : [.respond(200, $0.body)] }
    }

    @Test func `take nothing for the answer that came before the request, read or not`() async throws {
        let server = Self.server()
        try await server.run { port in
            let bed = try await Bed(try url(port), connections: 8, clock: clock)
            #expect(try Self.body(await bed.send(try exchange(port, "first"), to: 0)) == "first")
            // The loop stands still until the bytes are there, and has not read them when it is given the request.
            let standsStill = Mutex(false)
            async let second = bed.send(try exchange(port, "second"), to: 0) {
                standsStill.withLock { $0 = true }
                while !Self.hasUnread(fromPort: port) {}
            }
            while !standsStill.withLock({ $0 }) { await Task.yield() }
            try await server.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
            #expect(try Self.body(await second) == "second")
            try await bed.shutDown()
        }
        #expect(server.connections == 2)
    }

    /// Whether a client of the port has bytes that it has not read (rx_queue of proc_net_tcp).
    private static func hasUnread(fromPort port: Int) -> Bool {
        // Unlike what reads a file by its size, which is none here, this reads to the end.
        guard let bytes = try? FileHandle(forReadingAtPath: "/proc/net/tcp")?.readToEnd() else { return false }
        let table = String(decoding: bytes, as: UTF8.self)
        return table.split(separator: "\n").dropFirst().contains { line in
            let columns = line.split(separator: " ")
            guard columns.count > 4, let remote = columns[2].split(separator: ":").last,
                let unread = columns[4].split(separator: ":").last
            else { return false }
            return Int(remote, radix: 16) == port && Int(unread, radix: 16) ?? 0 > 0
        }
    }

    @Test func `give up connections that what waits on their loop may not use`() async throws {
        let server = Self.server()
        try await server.run { port in
            let bed = try await Bed(try url(port), connections: 8, clock: clock)
            // All at once, so that the second loop opens all connections there may be.
            bed.pools[1].eventLoop.execute { while bed.submitted < 12 {} }
            try await withThrowingTaskGroup(of: Exchange.Outcome.self) { group in
                for uid in 1...12 {
                    let exchange = try exchange(port, uid: UInt32(uid))
                    group.addTask { await bed.send(exchange, to: 1) }
                }
                for try await outcome in group { #expect(try Self.body(outcome) == "quick") }
            }
            try #require(bed.coordinator.shares.connections == 8)
            // Three of six may be one uid's; the others wait beside five idle connections.
            let slow = try (0..<10).map { try exchange(port, "slow \($0)", uid: 7) }
            try await withThrowingTaskGroup(of: Exchange.Outcome.self) { group in
                for exchange in slow { group.addTask { await bed.send(exchange, to: 1) } }
                await server.requestsArrived(15)
                while bed.submitted < 22 { await Task.yield() }
                try await bed.turn(1)
                #expect(try Self.body(await bed.send(try exchange(port, uid: 8), to: 0)) == "quick")
                for exchange in slow { _ = exchange.giveUp(.cancelled) }
            }
            try await bed.shutDown()
        }
    }

    @Test func `are told of all that another one gives back`() async throws {
        let server = Self.server()
        try await server.run { port in
            // A connection for each loop, but a uid may have only one exchange on them.
            let bed = try await Bed(try url(port), connections: 2, clock: clock)
            for round in 0..<5000 {
                let (one, other) = (try exchange(port), try exchange(port))
                async let first = bed.send(one, to: 0)
                // Sometimes in the very instant in which the other one's is over.
                async let second = bed.send(other, to: 1) {
                    let end = ContinuousClock.now + .microseconds(round % 200)
                    while ContinuousClock.now < end {}
                }
                for outcome in await [first, second] { #expect(try Self.body(outcome) == "quick") }
            }
            // A caller has its outcome a moment before its place is free.
            for index in bed.pools.indices { try await bed.turn(index) }
            #expect(bed.coordinator.shares.inFlight == 0)
            try await bed.shutDown()
        }
    }

    @Test func `have a long queue served by what is idle on another loop`() async throws {
        let server = Self.server()
        try await server.run { port in
            let bed = try await Bed(try url(port), connections: 256, clock: clock)
            // All at once, so that the second loop opens a connection for each.
            bed.pools[1].eventLoop.execute { while bed.submitted < 20 {} }
            try await withThrowingTaskGroup(of: Exchange.Outcome.self) { group in
                for uid in 1...20 {
                    let exchange = try exchange(port, uid: UInt32(uid))
                    group.addTask { await bed.send(exchange, to: 1) }
                }
                for try await outcome in group { #expect(try Self.body(outcome) == "quick") }
            }
            let idle = bed.coordinator.shares.connections
            try #require(idle >= 16)
            let slow = try (0..<60).map { try exchange(port, "slow \($0)") }
            bed.pools[0].eventLoop.execute { while bed.submitted < 80 {} }
            await withTaskGroup(of: Exchange.Outcome.self) { group in
                for exchange in slow { group.addTask { await bed.send(exchange, to: 0) } }
                await server.requestsArrived(80)
                // None was closed, and each carries one: of the sixty, only those have a new one that were too many.
                #expect(bed.coordinator.shares.connections == 60)
                #expect(server.connections == 60)
                #expect(bed.coordinator.shares.inFlight == 60)
                // Their deadlines hold on the other loop too.
                clock.advance(by: .seconds(60))
                for await outcome in group {
                    #expect(throws: TransportFailure(.deadline, mayHaveBeenSent: true)) { try outcome.get() }
                }
            }
            try await bed.shutDown()
        }
    }

    @Test func `are gone when the transport is`() async throws {
        weak var held: TestClock?
        let server = Self.server()
        try await server.run { port in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            do {
                let clock = TestClock()
                held = clock
                let transport = try PooledHTTPTransport(TransportConfiguration(), eventLoopGroup: group, clock: clock)
                for _ in 0..<2 {
                    let call = UpstreamCall(deadline: clock.now + .seconds(60))
                    _ = try await transport.send(try post(port), call: call)
                }
                await transport.shutdown()
            }
            try await group.shutdownGracefully()
            // The task that slept until a deadline ends by itself; the time limit of the suite is the end of this.
            while held != nil {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }
}
