import Glibc
import Linux
import Secrets

/// A file for a secret that a call brings: made before the call, so that nothing is spent in vain, and put in its place
/// after it.
///
/// Only its owner can read it (mode 0600). A file that was there is replaced when the secret has come, and only then.
final class SecretFileWriter {
    private let path: String
    private let draft: String
    private let file: FileDescriptor

    /// Makes the file beside its place, under another name.
    init(path: String) throws(CommandFailure) {
        self.path = path
        draft = "\(path).\(getpid()).tmp"
        do {
            file = try FileDescriptor(creating: draft, mode: 0o600)
        } catch {
            throw CommandFailure(.usage, "cannot write to \(draft): \(error)")
        }
    }

    deinit {
        // Not there any more once the secret was kept.
        _ = PathText.withCString(draft) { unsafe unlink($0) }
    }

    /// Writes the secret and puts the file in its place.
    func keep(_ secret: Secret) throws(CommandFailure) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(secret.count + 1)
        secret.withBytes { span in
            for index in span.indices { bytes.append(span[index]) }
        }
        bytes.append(UInt8(ascii: "\n"))
        defer { bytes.wipe() }
        do {
            try file.writeAll(bytes)
            let result = PathText.withCString(draft) { draft in
                PathText.withCString(path) { path in unsafe rename(draft, path) }
            }
            guard result == 0 else { throw SystemError(code: errno) }
        } catch {
            throw CommandFailure(.internal, "the call is done, but its result cannot be written to \(path): \(error)")
        }
    }
}
