import Logging
import Systemd

extension StateStore {
    /// The name of the throttle's memory at the service manager.
    private static let throttleName = "throttle"

    /// The throttle, with all that it knew before the restart.
    ///
    /// Its memory is kept from the first time on until the service is stopped. Where it cannot be, the throttle does
    /// without, and a restart makes it forget.
    ///
    /// - Parameter digest: what targets are hashed with: records of targets under another key mean nothing.
    func throttle(
        _ limits: ThrottleLimits,
        capacity: ThrottleCapacity = ThrottleCapacity(),
        digest: TargetDigest
    ) -> Throttle {
        Throttle(
            limits: limits,
            capacity: capacity,
            clock: clock,
            logger: logger,
            memory: throttleMemory(capacity, digest)
        )
    }

    private func throttleMemory(_ capacity: ThrottleCapacity, _ digest: TargetDigest) -> ThrottleMemory? {
        guard let bootID, store.isThere else { return nil }
        let basis = ThrottleMemory.Basis(boot: bootID, key: digest.keyDigest, capacity: capacity)
        let epoch = ThrottleMemory.Epoch(instant: clock.now, nanoseconds: bootTime())
        let size = ThrottleMemory.size(for: capacity)
        if store.has(Self.throttleName) {
            if let memory = store.takeMemory(Self.throttleName, size: size),
                let found = ThrottleMemory(from: memory, basis, epoch: epoch)
            {
                return found
            }
            logger.notice("The throttle begins anew: what was kept for it is of another boot, key or version")
        }
        do throws(SystemCallError) {
            let memory = try SharedMemory.make(size: size, name: Self.throttleName)
            let new = ThrottleMemory(new: memory, basis, epoch: epoch)
            new.keep(in: store, as: Self.throttleName) { warn(of: $0, keeping: Self.throttleName) }
            return new
        } catch {
            warn(of: error, keeping: Self.throttleName)
            return nil
        }
    }
}
