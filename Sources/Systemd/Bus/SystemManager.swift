internal import Synchronization

/// The system's service manager, asked over the system bus.
///
/// Connects when it is first asked, and anew when the bus was restarted since. One question at a time; others wait.
package final class SystemManager: ServiceManagerAsking {
    private let timeout: Duration
    private let connection = Mutex(Connection())

    private struct Connection: ~Copyable {
        var bus: SystemBus?
    }

    /// The manager of this system; nothing is done yet.
    ///
    /// - Parameter timeout: for each answer.
    package init(timeout: Duration = .seconds(2)) {
        self.timeout = timeout
    }

    package func unit(ofProcess pid: Int32) throws(ServiceManagerError) -> String {
        // systemd takes 0 for the process that asks.
        guard pid > 0 else { throw .malformed }
        return try self.ask { bus throws(ServiceManagerError) in
            let path = try bus.call("GetUnitByPID", .number(UInt32(pid))).readText(isPath: true)
            return try bus.property("Id", at: path).readVariantText()
        }
    }

    package func controlGroup(ofProcess pid: Int32, inUnit unit: String) throws(ServiceManagerError) -> String? {
        try self.ask { bus throws(ServiceManagerError) in
            let processes = try bus.call("GetUnitProcesses", .text(unit))
            guard try processes.enter(.array, of: "(sus)") else { throw .malformed }
            while try processes.enter(.structure, of: "sus") {
                let path = try processes.readText()
                let number = try processes.readNumber()
                if number == UInt32(bitPattern: pid) { return path }
                _ = try processes.readText()
                try processes.exit()
            }
            return nil
        }
    }

    /// Whether the bus can be reached at all, for those who only want to know.
    package func reach() throws(ServiceManagerError) {
        _ = try SystemBus(timeout: self.timeout)
    }

    /// The user that the processes of a service run as, by its settings.
    ///
    /// - Returns: nil if there is no such service.
    package func identity(ofService name: String) throws(ServiceManagerError) -> ServiceIdentity? {
        try self.ask { bus throws(ServiceManagerError) in
            let path = try bus.call("LoadUnit", .text(name)).readText(isPath: true)
            guard try bus.property("LoadState", at: path).readVariantText() == "loaded" else { return nil }
            let groups = try bus.property("SupplementaryGroups", of: "Service", at: path)
            guard try groups.enter(.variant, of: "as"), try groups.enter(.array, of: "s") else { throw .malformed }
            var supplementary: [String] = []
            while let group = try groups.readElement() { supplementary.append(group) }
            return ServiceIdentity(
                user: try bus.property("User", of: "Service", at: path).readVariantText(),
                group: try bus.property("Group", of: "Service", at: path).readVariantText(),
                supplementaryGroups: supplementary
            )
        }
    }

    private func ask<Answer: Sendable>(
        _ question: @Sendable (borrowing SystemBus) throws(ServiceManagerError) -> Answer
    ) throws(ServiceManagerError) -> Answer {
        let result = self.connection.withLock { connection in
            let hadBus = connection.bus != nil
            let first = Self.attempt(question, &connection, self.timeout)
            // It is not told when a bus goes away that is not used.
            guard hadBus, case .failure(.unreachable) = first else { return first }
            return Self.attempt(question, &connection, self.timeout)
        }
        return try result.get()
    }

    private static func attempt<Answer: Sendable>(
        _ question: @Sendable (borrowing SystemBus) throws(ServiceManagerError) -> Answer,
        _ connection: inout Connection,
        _ timeout: Duration
    ) -> Result<Answer, ServiceManagerError> {
        do throws(ServiceManagerError) {
            // Out of its place while it is used: after a failure a new one is made. That is for lost connections, and for
            // answers that come too late: they would wait in the old one for ever.
            let bus: SystemBus
            if let kept = connection.bus.take() { bus = kept } else { bus = try SystemBus(timeout: timeout) }
            let answer = try question(bus)
            connection.bus = consume bus
            return .success(answer)
        } catch {
            return .failure(error)
        }
    }
}

/// The user that a service runs as (systemd.exec(5)); names or numbers, as its settings have them.
package struct ServiceIdentity: Sendable, Hashable {
    /// `User=`; empty for root.
    package let user: String
    /// `Group=`; empty for the user's own.
    package let group: String
    /// `SupplementaryGroups=`.
    package let supplementaryGroups: [String]
}
