import Systemd

/// The configuration as its files have it: the main file and its drop-ins, with no meaning yet.
///
/// The main file is `FILE`, its drop-ins are `FILE.d/*.conf` in the order of their names' bytes. A drop-in that is a link to
/// /dev/null, or empty, says nothing (systemd.unit(5)).
package struct ConfigurationFiles: Sendable {
    /// Where the configuration is when nothing else is said.
    package static let defaultPath = "/etc/mosaicd/mosaicd.conf"

    /// What could be read, the main file first.
    package private(set) var files: [SectionFile] = []
    /// What is wrong with the files.
    package private(set) var problems: [ConfigurationProblem] = []
    /// Whether the main file is among them.
    package var hasMainFile: Bool { files.first?.path == path }

    private let path: String

    /// Reads the main file at `path` and its drop-ins.
    package init(reading path: String) {
        self.path = path
        read(path)
        for dropIn in dropIns() { read(dropIn) }
    }

    /// The value of a key by its last assignment in all files; nil if it is not set, or reset by an empty assignment.
    package func value(ofKey key: String, in title: String) -> String? {
        let sections = files.flatMap(\.sections).filter { $0.title == title }
        let value = sections.flatMap(\.assignments).last { $0.key == key }?.value
        return value?.isEmpty == false ? value : nil
    }

    /// Whether a section is in one of the files.
    package func hasSection(_ title: String) -> Bool {
        files.contains { file in file.sections.contains { $0.title == title } }
    }

    private mutating func dropIns() -> [String] {
        let directory = path + ".d"
        do {
            let names = try TrustedFile.names(inDirectory: directory) ?? []
            // Hidden files are editors' and package managers' leavings, as for systemd.
            let paths = names.filter { $0.hasSuffix(".conf") && !$0.hasPrefix(".") }.map { "\(directory)/\($0)" }
            return paths.filter { !Self.isMasked($0) }
        } catch {
            problems.append(ConfigurationProblem(file: directory, what: error.what, allowed: error.allowed))
            return []
        }
    }

    private static func isMasked(_ path: String) -> Bool {
        (try? FileStatus(ofPath: path, followingLinks: true))?.kind == .nullDevice
    }

    private mutating func read(_ path: String) {
        do {
            let bytes = try TrustedFile.read(path, maximumSize: SectionFileReader.maximumSize)
            let (file, found) = SectionFileReader.read(bytes, path: path)
            files.append(file)
            problems += found
        } catch {
            problems.append(ConfigurationProblem(file: path, what: error.what, allowed: error.allowed))
        }
    }
}
