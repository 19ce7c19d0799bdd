import MosaicAPI
import ServiceLifecycle

/// Keeps one client's token fresh as long as the agent runs, and closes its connections at the end.
struct ClientService: Service {
    let service: any MosaicService

    func run() async throws {
        await cancelWhenGracefulShutdown { [service] in
            await service.run()
        }
        await service.shutdown()
    }
}
