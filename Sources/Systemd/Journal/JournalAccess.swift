internal import Glibc

/// Whether a journal can be read by this process.
///
/// libsystemd opens a journal without complaint when it may read none of its files, and shows it as empty (journalctl(1)
/// warns for the same reason).
package enum JournalAccess: Hashable, Sendable {
    /// It can.
    case readable
    /// There is none, or it has no file.
    case missing
    /// A file or directory of it may not be read.
    case denied(path: String)

    /// Looks at the journal's files.
    package static func check(_ source: JournalReader.Source) -> JournalAccess {
        switch source {
        case .machine: self.ofMachine(in: ["/run/log/journal", "/var/log/journal"])
        case .directory(let path): self.combined([path] + self.directories(in: path), wants: { _ in true })
        case .files(let paths): self.worst(paths.map { self.ofFile($0) })
        }
    }

    /// The system's own journal is what counts: users may read theirs, which has nothing of a service.
    static func ofMachine(in places: [String]) -> JournalAccess {
        let machine = self.machineID()
        let directories = places.flatMap { place in
            // Of this machine, also in its namespaces (`ID.NAMESPACE`); others' journals may have been copied here.
            [place]
                + self.directories(in: place).filter { path in
                    machine.map { path.dropFirst(place.utf8.count + 1).hasPrefix($0) } ?? true
                }
        }
        return self.combined(directories, wants: { $0.hasPrefix("system") })
    }

    private static func combined(_ directories: [String], wants: (String) -> Bool) -> JournalAccess {
        self.worst(
            directories.flatMap { directory -> [JournalAccess] in
                do throws(SystemCallError) {
                    return try DirectoryListing.names(in: directory)
                        .filter { ($0.hasSuffix(".journal") || $0.hasSuffix(".journal~")) && wants($0) }
                        .map { self.ofFile("\(directory)/\($0)") }
                } catch {
                    return [error.number == EACCES || error.number == EPERM ? .denied(path: directory) : .missing]
                }
            }
        )
    }

    private static func ofFile(_ path: String) -> JournalAccess {
        // Sound: Swift lends the path with its final zero for the length of the call.
        guard unsafe access(path, R_OK) != 0 else { return .readable }
        return errno == ENOENT || errno == ENOTDIR ? .missing : .denied(path: path)
    }

    /// What cannot be read counts more than what is missing: a part of the journal would be left out without a word.
    private static func worst(_ findings: [JournalAccess]) -> JournalAccess {
        let denied = findings.first { if case .denied = $0 { true } else { false } }
        return denied ?? (findings.contains(.readable) ? .readable : .missing)
    }

    private static func directories(in path: String) -> [String] {
        let names = (try? DirectoryListing.names(in: path)) ?? []
        return names.map { "\(path)/\($0)" }.filter {
            (try? FileStatus(ofPath: $0, followingLinks: true))?.kind == .directory
        }
    }

    private static func machineID() -> String? {
        guard let text = try? SmallFile.firstLine(of: "/etc/machine-id"), text.utf8.count == 32 else {
            return nil
        }
        return text
    }
}

/// What is in a directory.
enum DirectoryListing {
    /// The names, but for `.` and `..`, in the order of the file system.
    static func names(in path: String) throws(SystemCallError) -> [String] {
        // Sound: the stream is ours alone and closed below; each entry is copied before the next one is asked for.
        guard let stream = unsafe opendir(path) else { throw SystemCallError(errnoOf: "opendir") }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
