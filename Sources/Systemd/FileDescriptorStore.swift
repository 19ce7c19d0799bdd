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

    /// Drops everything that came back and that nobody has taken, here and at the manager.
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
        guard self.notifier.hasManager else { return }
        do throws(SystemCallError) {
            let descriptor = SharedDescriptor(try SealedMemory.make(content, name: name))
            if case .failed(let error) = self.notifier.keep(descriptor, as: name, onFailure: onFailure) { throw error }
        } catch {
            onFailure(error)
        }
    }

    /// Has the manager drop what it keeps under `name`.
    package func remove(_ name: String) {
        self.notifier.keep(nil, as: name)
    }
}
