import AgentProtocol
package import Logging
import MosaicAPI
package import NIOCore
import NIOPosix
import ServiceLifecycle

/// Serves the daemon's sockets.
///
/// ``run()`` opens all, says so, serves until the graceful shutdown of its `ServiceGroup`, and then drains: it accepts
/// nothing more, lets calls in flight end within ``SocketServerSettings/drainTime``, and closes. A cancelled task closes
/// at once.
package final class SocketServer: Service {
    private enum Stop {
        case shutdown
        case listenerClosed
    }

    private let settings: SocketServerSettings
    private let dispatcher: any CallDispatching
    private let group: any EventLoopGroup
    private let logger: Logger
    private let onListening: @Sendable () async -> Void
    let shared: SocketContext
    private let runners: [CallRunner]
    private let stops = AsyncStream.makeStream(of: Stop.self, bufferingPolicy: .bufferingNewest(1))

    /// A server that is not open yet.
    ///
    /// - Parameters:
    ///   - context: what its connections share.
    ///   - group: the event loops; they must be NIOPosix's and outlive the server.
    ///   - onListening: called once when all sockets listen; the place to tell systemd that the daemon is ready.
    package init(
        settings: SocketServerSettings,
        context: SocketContext,
        dispatcher: any CallDispatching,
        group: any EventLoopGroup,
        logger: Logger,
        onListening: @escaping @Sendable () async -> Void
    ) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.group = group
        self.logger = logger
        self.onListening = onListening
        shared = context
        runners = group.makeIterator().map { CallRunner(executor: EventLoopTaskExecutor(eventLoop: $0)) }
    }

    /// The open connections.
    package var registry: ConnectionRegistry { shared.registry }

    /// What the sockets have seen so far.
    package var statistics: SocketStatistics { shared.statistics }

    /// Begins to stop, as the graceful shutdown of the service group does.
    package func stop() {
        stops.continuation.yield(.shutdown)
    }

    /// Has every connection look at the clock again: for tests, and for the moment after the machine has slept.
    package func recheckTimers() {
        for handle in shared.registry.handles { handle.recheckTimers() }
    }

    /// Serves the sockets.
    ///
    /// - Throws: ``SocketError`` when a socket cannot be opened, or is closed behind our back.
    package func run() async throws {
        let main = try open(settings.main)
        let control = try open(settings.control)
        let (credentialPlacement, credentialDescriptor) = try openCredentialSocket()
        // Taken before the descriptors move into channels: they hold the locks until the end of this function.
        let placements = [main.placement, control.placement, credentialPlacement].compactMap { $0 }
        let mainDescriptor = main.takeDescriptor()
        let controlDescriptor = control.takeDescriptor()
        defer { for placement in placements { placement.unlinkIfOurs() } }

        let stop = try await withThrowingTaskGroup(of: Void.self) { group in
            for runner in runners {
                group.addTask(executorPreference: runner.executor) { [dispatcher, shared] in
                    await runner.run(dispatcher: dispatcher, clock: shared.clock) {
                        for handle in shared.registry.handles { handle.expireDrain() }
                    }
                }
            }
            defer { for runner in runners { runner.finish() } }
            var listeners = try await [
                listen(on: mainDescriptor, as: .main), listen(on: controlDescriptor, as: .control),
            ]
            if let credentialDescriptor { listeners.append(try await provideCredentials(on: credentialDescriptor)) }
            for listener in listeners {
                listener.closeFuture.whenComplete { [stops] _ in stops.continuation.yield(.listenerClosed) }
            }
            await onListening()
            let stop = await waitForStop()
            for placement in placements { placement.unlinkIfOurs() }
            // Closed for certain before the connections drain, so that none is accepted that is not told to drain.
            for listener in listeners { try? await listener.close() }
            async let _: Void = endUnattended(at: shared.clock.now + shared.limits.drainTime)
            await drain()
            for runner in runners { runner.finish() }
            for _ in runners { try await group.next() }
            return stop
        }
        if stop == .listenerClosed {
            throw SocketError(
                .system,
                "a listening socket was closed by an error; the daemon cannot be reached any more"
            )
        }
    }

    private func open(_ source: SocketSource) throws(SocketError) -> UnixListener {
        switch source {
        case .inherited(let descriptor): try UnixListener.inherited(descriptor)
        case .path(let path, let mode, let group): try UnixListener.bound(to: path, mode: mode, group: group)
        }
    }

    private func openCredentialSocket() throws(SocketError) -> (SocketPlacement?, Int32?) {
        guard let source = settings.credential else { return (nil, nil) }
        let listener = try open(source)
        let placement = listener.placement
        return (placement, listener.takeDescriptor())
    }

    private func listen(on descriptor: Int32, as socket: SocketKind) async throws -> any Channel {
        let acceptor = ConnectionAcceptor(
            socket: socket,
            shared: shared,
            runners: runners,
            probes: settings.probes,
            logger: logger
        )
        return try await listen(on: descriptor, isReading: true) { try acceptor.initialize($0) }
    }

    private func provideCredentials(on descriptor: Int32) async throws -> any Channel {
        let acceptor = CredentialAcceptor(shared: shared, runners: runners, user: settings.credentialUser)
        return try await listen(on: descriptor, isReading: false) { try acceptor.initialize($0) }
    }

    /// Listens with `initialize` to set up new connections.
    private func listen(
        on descriptor: Int32,
        isReading: Bool,
        initialize: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelInitializer { [shared, settings, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AcceptPauseHandler(pause: settings.acceptPause, counters: shared.counters, logger: logger)
                    )
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: isReading)
            // A connection is read once, and not much, before the loop turns to the others.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 16_384)
            )
            // Those who wait to be accepted stand in one line: one who connects again and again must not make it long.
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
            .withBoundSocket(descriptor)
            .flatMapThrowing { channel in
                // NIO has called listen(2) with its own, smaller backlog.
                try ConnectionAcceptor.setBacklog(of: channel)
                return channel
            }
            .get()
    }

    /// Returns when the daemon is to stop; nil if the task was cancelled.
    private func waitForStop() async -> Stop? {
        await withGracefulShutdownHandler {
            await stops.stream.first { _ in true }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func drain() async {
        for handle in shared.registry.close() { handle.drain() }
        if await emptied(within: shared.limits.drainTime) { return }
        for handle in shared.registry.handles { handle.expireDrain() }
        // Ended calls are answered at once; a peer that does not read its answer is not waited for long.
        if await emptied(within: .seconds(1)) { return }
        for handle in shared.registry.handles { handle.close() }
    }

    /// Calls whose connections are closed have the time for draining as well, and end then; a cancelled task lets them be.
    private func endUnattended(at end: ContinuousClock.Instant) async {
        do {
            try await shared.clock.sleep(until: end, tolerance: nil)
        } catch {
            return
        }
        for runner in runners { runner.endUnattended() }
    }

    private func emptied(within time: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { [shared] group in
            group.addTask { await shared.registry.waitUntilEmptied() }
            group.addTask { try? await shared.clock.sleep(until: shared.clock.now + time, tolerance: nil) }
            await group.next()
            group.cancelAll()
        }
        return shared.registry.count == 0
    }
}
