import AgentProtocol
import Logging
import MosaicAPI
import NIOCore
import NIOPosix
import ServiceLifecycle
import Systemd
package import UnixSignals

/// The whole agent: made from a configuration, run until it is told to stop.
///
/// ``run(gracefulShutdownSignals:)`` composes it: clients, policy, audit, dispatcher, sockets, each under the one group of
/// services that stops them in the reverse order. Sockets drain first, so that calls in flight still find their clients;
/// the audit trail closes last.
package struct Agent: Sendable {
    private let configuration: LoadedConfiguration
    private let loader: ConfigurationLoader
    private let environment: AgentEnvironment
    private let level: LogLevelSetting

    /// An agent that is not running.
    ///
    /// - Parameters:
    ///   - configuration: what `loader` has read.
    ///   - loader: reads it again for a reload.
    package init(configuration: LoadedConfiguration, loader: ConfigurationLoader, environment: AgentEnvironment) {
        self.configuration = configuration
        self.loader = loader
        self.environment = environment
        self.level = LogLevelSetting(configuration.configuration.daemon.logLevel)
    }

    /// Threads for sockets and connections to Mosaic.
    ///
    /// A call costs some tens of microseconds, so one thread serves tens of thousands of them a second: more than four
    /// would only cost memory. A connection stays on its loop all its life.
    private static var eventLoopCount: Int { max(1, min(System.coreCount, 4)) }

    /// How long the service manager, and then the log, may take to hear the last that the agent has to say.
    private static let lastWordsLimit = Duration.seconds(1)

    /// Runs until one of the signals has stopped it, all calls in flight are answered and the audit trail is written.
    ///
    /// - Throws: ``AgentError``.
    package func run(gracefulShutdownSignals: [UnixSignal] = [.sigterm, .sigint]) async throws(AgentError) {
        let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: Self.eventLoopCount)
        let result: Result<Void, AgentError>
        do {
            let parts = try await AgentParts.make(
                configuration,
                loader: loader,
                environment: environment,
                eventLoops: eventLoops,
                level: level
            )
            try await serve(parts, signals: gracefulShutdownSignals)
            result = .success(())
        } catch {
            result = .failure(AgentError(error))
        }
        try? await eventLoops.shutdownGracefully()
        await environment.notifier.flush(within: Self.lastWordsLimit)
        await environment.log.flush(within: Self.lastWordsLimit)
        return try result.get()
    }

    private func serve(_ parts: AgentParts, signals: [UnixSignal]) async throws {
        for warning in configuration.warnings {
            parts.logger.warning("The configuration should be looked at", metadata: ["warning": "\(warning)"])
        }
        environment.memoryLock?.report(to: parts.logger)
        // Below warnings the group tells of each step of each service.
        var groupLogger = environment.logger("mosaicd.services", level: level)
        groupLogger.logLevel = max(groupLogger.logLevel, .warning)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // Without a name the group would make one of all that is in the service.
                services: parts.services.map {
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: $0,
                        serviceName: _typeName(type(of: $0), qualified: false)
                    )
                },
                gracefulShutdownSignals: signals,
                logger: groupLogger
            )
        )
        try await group.run()
        parts.logger.notice("Stopped")
    }
}

extension ProcessHardening.MemoryLock {
    /// Tells once if the memory is not locked, and what can be done about it.
    fileprivate func report(to logger: Logger) {
        let reason: String
        switch self {
        case .locked: return
        case .limited(let limit): reason = "LimitMEMLOCK= is \(limit) bytes, not infinity"
        case .refused(let error): reason = "\(error)"
        }
        logger.warning(
            "The agent's memory is not locked: only MemorySwapMax=0 keeps secrets out of a swap device",
            metadata: ["reason": "\(reason)"]
        )
    }
}
