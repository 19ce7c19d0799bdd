import Logging
import MosaicAPI
import Secrets
import Synchronization
import Systemd

/// Keeps tokens and the audit key in the service manager's store of descriptors, and takes them back after a restart.
///
/// A record is only taken back if everything about it agrees: the boot, the client, what its token was fetched with, and
/// the time. Nothing of it is ever on a disk, and a stop of the service ends it.
struct StateStore: Sendable {
    private static let auditKeyName = "audit-key"
    private static let noDigest = [UInt8](repeating: 0, count: 32)

    let store: FileDescriptorStore
    /// This boot; without it nothing is kept.
    let bootID: BootID?
    let clock: any AgentClock
    /// Nanoseconds on CLOCK_BOOTTIME, which go on from one process to the next.
    let bootTime: @Sendable () -> Int64
    let logger: Logger

    private static func name(ofClient client: String) -> String { "token-\(client)" }

    /// The token that the client had before the restart, if it can still be used.
    func token(of client: LoadedConfiguration.Client) -> ClientToken? {
        let name = client.settings.name
        let now = clock.now
        let bootNow = bootTime()
        let tokens = store.take(Self.name(ofClient: name)).compactMap { secret -> ClientToken? in
            guard let record = StateRecord(decoding: secret), record.kind == .token, record.key == name,
                record.bootID == bootID?.bytes, record.digest == client.tokenDigest
            else { return nil }
            func instant(_ time: Int64) -> ContinuousClock.Instant { now + .nanoseconds(time - bootNow) }
            let token = ClientToken(
                value: record.value,
                receivedAt: instant(record.received),
                refreshAt: instant(record.refresh),
                usableUntil: instant(record.expiry)
            )
            return token.receivedAt <= now && token.isUsable(at: now) ? token : nil
        }
        guard let token = tokens.max(by: { $0.usableUntil < $1.usableUntil }) else { return nil }
        logger.info("access token taken over from before the restart", metadata: ["mosaic_client": "\(name)"])
        return token
    }

    /// Keeps the client's token for the time after a restart, in place of the one before.
    func keep(_ token: ClientToken, of client: LoadedConfiguration.Client) {
        guard let bootID else { return }
        let now = clock.now
        let bootNow = bootTime()
        func time(_ instant: ContinuousClock.Instant) -> Int64 { bootNow + (instant - now).nanoseconds }
        keep(
            StateRecord(
                kind: .token,
                bootID: bootID.bytes,
                digest: client.tokenDigest,
                received: time(token.receivedAt),
                refresh: time(token.refreshAt),
                expiry: time(token.usableUntil),
                key: client.settings.name,
                value: token.value
            ),
            as: Self.name(ofClient: client.settings.name)
        )
    }

    /// Keeps nothing for a client any more.
    func forget(client: String) {
        store.remove(Self.name(ofClient: client))
    }

    /// The key of the audit trail: the one from before the restart, else a new one, which is kept.
    func auditKey(making make: () -> Secret) -> Secret {
        let kept = store.take(Self.auditKeyName).lazy.compactMap { StateRecord(decoding: $0) }
            .first { $0.kind == .auditKey && $0.bootID == bootID?.bytes }
        if let kept { return kept.value }
        let key = make()
        guard let bootID else { return key }
        keep(
            StateRecord(kind: .auditKey, bootID: bootID.bytes, digest: Self.noDigest, key: "", value: key),
            as: Self.auditKeyName
        )
        return key
    }

    private func keep(_ record: StateRecord, as name: String) {
        store.keep(record.encoded(), as: name, onFailure: { warn(of: $0, keeping: name) })
    }

    /// Tells that something will be lost by a restart.
    func warn(of error: SystemCallError, keeping name: String) {
        logger.warning(
            "not kept over a restart by the service manager",
            metadata: ["name": "\(name)", "error": "\(error)"]
        )
    }
}

extension LoadedConfiguration.Client {
    /// What the client's access token is fetched with: a token is good for another client only if this is the same.
    var tokenDigest: [UInt8] {
        authentication.digest(clientID: settings.clientID, tokenURL: settings.endpoints.tokenURL, resource: nil)
    }
}

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
            logger.notice("throttle begins anew: kept records are of another boot, key or version")
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
