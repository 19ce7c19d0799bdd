internal import Glibc
package import Secrets
internal import Synchronization

/// The service manager's store of descriptors (sd_notify(3), `FDSTORE=1`): what is put there comes back after a restart,
/// also after one by force, and is gone after a stop.
package final class FileDescriptorStore: Sendable {
    private let notifier: ServiceNotifier
    private let returned: Mutex<[String: [CInt]]>

    /// The store behind `notifier`.
    ///
    /// - Parameter returned: descriptors that the manager handed over at the start and that are no sockets of its units.
    package init(notifier: ServiceNotifier, returned: [ListenDescriptors.Descriptor] = []) {
        self.notifier = notifier
        self.returned = Mutex(Dictionary(grouping: returned, by: \.name).mapValues { $0.map(\.number) })
    }

    /// Takes out what came back under a name; empty the second time. What is no sealed memory is left out.
    package func take(_ name: String) -> [Secret] {
        let descriptors = self.returned.withLock { $0.removeValue(forKey: name) } ?? []
        defer { for descriptor in descriptors { close(descriptor) } }
        return descriptors.compactMap { SealedMemory.content(of: $0) }
    }

    /// Whether there is a manager that keeps anything.
    package var isThere: Bool { self.notifier.hasManager }

    /// Whether something came back under a name that has not been taken.
    package func has(_ name: String) -> Bool {
        self.returned.withLock { $0[name] != nil }
    }

    /// Takes out memory of this size that came back under a name; nil if there is none that can be shared
    /// (``SharedMemory``), and the second time.
    ///
    /// The manager goes on keeping it.
    package func takeMemory(_ name: String, size: Int) -> SharedMemory? {
        let descriptors = self.returned.withLock { $0.removeValue(forKey: name) } ?? []
        for descriptor in descriptors.dropFirst() { close(descriptor) }
        return descriptors.first.flatMap { SharedMemory(taking: $0, size: size) }
    }

    /// Drops everything that came back and has not been taken, here and at the manager.
    package func dropTheRest() {
        let left = self.returned.withLock { state in
            defer { state = [:] }
            return state
        }
        for (name, descriptors) in left {
            for descriptor in descriptors { close(descriptor) }
            self.remove(name)
        }
    }

    /// Keeps `content` under `name`, in place of what is there under that name.
    ///
    /// Does nothing when there is no manager, and does not wait for it where there is one.
    ///
    /// - Parameter onFailure: Told when a restart will do without, now or later.
    package func keep(
        _ content: Secret,
        as name: String,
        onFailure: @escaping @Sendable (SystemCallError) -> Void
    ) {
        guard self.isThere else { return }
        do throws(SystemCallError) {
            try self.hand(over: SealedMemory.make(content, name: name), as: name, onFailure: onFailure)
        } catch {
            onFailure(error)
        }
    }

    /// Keeps memory under `name`, in place of what is there under that name: what it holds when this process ends, however
    /// it does. Otherwise like ``keep(_:as:onFailure:)``.
    package func keep(
        _ memory: borrowing SharedMemory,
        as name: String,
        onFailure: @escaping @Sendable (SystemCallError) -> Void
    ) {
        guard self.isThere else { return }
        do throws(SystemCallError) {
            try self.hand(over: memory.duplicate(), as: name, onFailure: onFailure)
        } catch {
            onFailure(error)
        }
    }

    private func hand(
        over descriptor: CInt,
        as name: String,
        onFailure: @escaping @Sendable (SystemCallError) -> Void
    ) throws(SystemCallError) {
        let descriptor = SharedDescriptor(descriptor)
        if case .failed(let error) = self.notifier.keep(descriptor, as: name, onFailure: onFailure) { throw error }
    }

    /// Has the manager drop what it keeps under `name`.
    package func remove(_ name: String) {
        self.notifier.keep(nil, as: name)
    }
}
