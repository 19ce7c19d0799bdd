import Glibc
import MosaicAPI
import NIOPosix
import ServiceLifecycle

/// Sees whether callers' units can be found out, as long as rules depend on it, and ends the thread for that.
struct CallerUnitService: Service {
    /// How often systemd is asked about the agent itself.
    static let period = Duration.seconds(15)

    let units: CallerUnits
    let thread: NIOThreadPool
    let isNeeded: @Sendable () -> Bool
    let clock: any AgentClock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if isNeeded(), units.isIdle {
                    _ = units.submit(of: geteuid(), isNeeded: true) { if $0 { units.probe() } }
                }
                try? await clock.sleep(until: clock.now + Self.period, tolerance: Self.period / 4)
            }
        }
        // In the group this service stops after the sockets, so no call asks any more. A caller that is still being looked
        // up then is waited for in vain: systemd does not answer.
        if units.isIdle { try? await thread.shutdownGracefully() }
    }
}
