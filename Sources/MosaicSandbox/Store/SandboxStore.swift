import Foundation
package import GRDB

extension String {
    /// Whether the database keeps the text whole: SQLite is handed texts that end at their first NUL. A text that is not
    /// storable names no row; looked up as it is, it would find that of its beginning.
    var isStorable: Bool { !utf8.contains(0) }
}

/// The sandbox's database: SQLite in a file or in memory, brought to the newest schema when it is opened.
///
/// All access is serialised by one connection, so that what a write reads and what it writes belong together: counting
/// failures and taking identifiers need no further locks.
package final class SandboxStore: Sendable {
    private let queue: DatabaseQueue

    /// Opens the database, creating it when needed.
    ///
    /// - Parameter path: the file; nil keeps everything in memory.
    /// - Throws: when the file cannot be opened, is no database, or comes from a newer version.
    package init(path: String?) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.label = "mosaic-sandbox"
        // Statement texts may appear in errors, their arguments (secrets among them) never.
        configuration.publicStatementArguments = false
        if let path {
            try PrivateFile.ensureExists(atPath: path)
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } else {
            queue = try DatabaseQueue(configuration: configuration)
        }
        try SandboxSchema.migrator.migrate(queue)
    }

    /// Runs a read.
    package func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await queue.read(body)
    }

    /// Runs a write as one transaction; an error rolls it back.
    package func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await queue.write(body)
    }

    /// Runs a write without suspending, for use while starting.
    package func writeNow<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try queue.write(body)
    }

    /// Closes the database; the store is not usable afterwards.
    package func close() throws { try queue.close() }
}
