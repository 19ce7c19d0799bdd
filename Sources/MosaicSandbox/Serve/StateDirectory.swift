package import Foundation
import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS

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

/// The files that a running sandbox leaves in its state directory, and what stands in them.
struct ServerFiles: Sendable {
    private let host: String
    private let state: StateDirectory
    private let authority: CertificateAuthority?
    private let client: ClientRecord
    private let app: AppRecord
    private let adminToken: String
    private let clock: SandboxClock

    /// Writes `ca.pem` (over https) and `client.secret`.
    init(sandbox: Sandbox, options: SandboxServer.Options) async throws {
        host = options.host
        state = options.state
        client = try await sandbox.client()
        app = try await sandbox.app()
        adminToken = sandbox.adminToken
        clock = sandbox.clock
        authority = options.isSecure ? try CertificateAuthority(store: sandbox.store) : nil
        if let authority {
            try PrivateFile.replace(atPath: state.caFile, with: Data(authority.certificatePEM.utf8), mode: 0o644)
        }
        try PrivateFile.replace(atPath: state.clientSecretFile, with: Data(client.secret.utf8))
    }

    /// The server to build: https with a fresh certificate, or plain http.
    var server: HTTPServerBuilder {
        get throws {
            guard let authority else { return .sandbox(clock: clock) }
            // Any certificate will do for the handshake, which proves that the caller holds its key; which ones a client may
            // show is decided when the request names the client.
            let configuration = TLSChannelConfiguration(
                tlsConfiguration: try authority.serverConfiguration(),
                customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }
            )
            return try .tls(.sandbox(clock: clock), configuration: configuration)
        }
    }

    /// What `sandbox.json` says of a sandbox on that port.
    func description(port: Int) -> SandboxDescription {
        let name = host.contains(":") ? "[\(host)]" : host
        let origin = "\(authority == nil ? "http" : "https")://\(name):\(port)"
        return SandboxDescription(
            baseURL: "\(origin)/cis",
            tokenURL: "\(origin)/oidc/token",
            jwksURL: "\(origin)/cis/oidc/jwks",
            issuer: SandboxIdentity.issuer,
            caFile: authority.map { _ in state.caFile },
            clientID: client.clientID,
            clientSecretFile: state.clientSecretFile,
            appID: app.appID,
            tenantID: app.tenantID,
            adminURL: "\(origin)/_sandbox",
            adminToken: adminToken,
            processID: ProcessInfo.processInfo.processIdentifier
        )
    }
}

/// Files that only their owner may read, made without a moment in which others could.
package enum PrivateFile {
    /// Why a file could not be made.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        init(_ action: String, _ path: String, code: CInt = errno) {
            description = "cannot \(action) \(path): \(Self.text(code))"
        }

        init(_ description: String) { self.description = description }

        private static func text(_ code: CInt) -> String {
            POSIXErrorCode(rawValue: code).map { POSIXError($0).localizedDescription } ?? "error \(code)"
        }
    }

    /// Replaces the file as a whole: readers see the old content or the new, never a part.
    package static func replace(atPath path: String, with content: Data, mode: UInt32 = 0o600) throws {
        let temporary = "\(path).\(getpid()).new"
        unsafe _ = unlink(temporary)
        let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw Failure("create", temporary) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: content)
            try handle.synchronize()
            try handle.close()
        } catch {
            unsafe _ = unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            let failure = Failure("rename \(temporary) to", path)
            unsafe _ = unlink(temporary)
            throw failure
        }
    }

    /// Creates an empty file with mode 0600 unless one is there.
    package static func ensureExists(atPath path: String) throws {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("open", path) }
        close(descriptor)
    }

    /// Creates the directory with mode 0700 unless it is there; refuses one that others own or may write to.
    package static func ensureDirectory(atPath path: String) throws {
        if unsafe mkdir(path, 0o700) != 0 && errno != EEXIST { throw Failure("create directory", path) }
        let (isOwned, isDirectory) = try ownership(atPath: path, by: [geteuid()])
        guard isDirectory else { throw Failure("\(path) is not a directory") }
        guard isOwned else {
            throw Failure("\(path) must belong to the user who runs the sandbox and not be writable by others")
        }
    }

    /// Refuses a directory, and a file in it, that a user other than this one and root could have put there: what stands in the
    /// file decides where passwords and secrets are sent.
    package static func checkTrusted(directory: String, file: String) throws {
        for (path, mustBeDirectory) in [(directory, true), (file, false)] {
            let (isOwned, isDirectory) = try ownership(atPath: path, by: [geteuid(), 0])
            guard isDirectory == mustBeDirectory else {
                throw Failure("\(path) is not a \(mustBeDirectory ? "directory" : "regular file")")
            }
            guard isOwned else {
                throw Failure(
                    "\(path) must belong to the user who runs this command or to root, and not be writable by others"
                )
            }
        }
    }

    /// Whether the file belongs to one of the users and is not writable by others; links are not followed.
    ///
    /// - Throws: ``Failure`` for what is neither a directory nor a regular file.
    private static func ownership(atPath path: String, by users: [uid_t]) throws -> (isOwned: Bool, isDirectory: Bool) {
        // Not `struct stat`: which module the compiler takes it from depends on which it loads first.
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let type = attributes[.type] as? FileAttributeType
        guard type == .typeDirectory || type == .typeRegular else {
            throw Failure("\(path) is neither a directory nor a regular file")
        }
        let owner = (attributes[.ownerAccountID] as? NSNumber)?.uint32Value
        let mode = (attributes[.posixPermissions] as? NSNumber)?.uint32Value
        guard let owner, let mode else { return (false, type == .typeDirectory) }
        return (users.contains(owner) && mode & 0o022 == 0, type == .typeDirectory)
    }

    /// Opens the file and takes its lock, which lasts until the handle is closed or the process ends.
    ///
    /// - Returns: nil when another process holds the lock.
    package static func lock(atPath path: String) throws -> FileHandle? {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Failure("open", path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return handle }
        guard errno == EWOULDBLOCK else { throw Failure("lock", path) }
        return nil
    }
}

extension PrivateFile {
    /// The user this process runs as.
    static var userID: UInt32 { geteuid() }

    /// Removes the file; no error when it is not there.
    static func remove(atPath path: String) {
        unsafe _ = unlink(path)
    }
}
