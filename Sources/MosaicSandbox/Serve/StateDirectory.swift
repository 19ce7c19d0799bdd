package import Foundation

/// The directory in which a sandbox keeps its files: `ca.pem`, `client.secret`, `sandbox.json`, and a lock.
package struct StateDirectory: Sendable {
    /// Absolute path.
    package let path: String

    package init(path: String) {
        self.path = URL(filePath: path).standardizedFileURL.path(percentEncoded: false).trimmingSlash
    }

    /// Where a sandbox without `--state` keeps its files: `$XDG_RUNTIME_DIR/mosaic-sandbox`, else `/tmp/mosaic-sandbox-UID`.
    package static var standard: StateDirectory {
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        return StateDirectory(
            path: runtime.map { "\($0)/mosaic-sandbox" } ?? "/tmp/mosaic-sandbox-\(PrivateFile.userID)"
        )
    }

    /// PEM of the CA.
    package var caFile: String { "\(path)/ca.pem" }
    /// The client's secret, mode 0600, no newline at the end.
    package var clientSecretFile: String { "\(path)/client.secret" }
    /// The description of the running sandbox, mode 0600.
    package var descriptionFile: String { "\(path)/sandbox.json" }
    /// Locked while a sandbox uses the directory.
    package var lockFile: String { "\(path)/sandbox.lock" }

    /// Why the directory cannot be used.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Creates the directory where needed and takes its lock.
    ///
    /// - Throws: ``Failure`` when another sandbox uses it.
    package func claim() throws -> FileHandle {
        try PrivateFile.ensureDirectory(atPath: path)
        guard let lock = try PrivateFile.lock(atPath: lockFile) else {
            throw Failure(description: "another mosaic-sandbox already uses \(path); choose another --state")
        }
        return lock
    }

    /// The description of the sandbox that runs here.
    ///
    /// - Throws: ``Failure`` when none does, ``PrivateFile/Failure`` when another user could have written the description.
    package func runningSandbox() throws -> SandboxDescription {
        if FileManager.default.fileExists(atPath: descriptionFile) {
            try PrivateFile.checkTrusted(directory: path, file: descriptionFile)
        }
        guard let data = FileManager.default.contents(atPath: descriptionFile) else {
            throw Failure(description: "no sandbox runs with the state directory \(path) (no \(descriptionFile))")
        }
        return try JSONDecoder().decode(SandboxDescription.self, from: data)
    }
}

extension String {
    /// The path without a slash at its end.
    fileprivate var trimmingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
