import Foundation
import Glibc
import TestSupport
import Testing

private let hasSystemd = FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")

/// The files in systemd/, read by systemd's own tools.
@Suite(.enabled(if: hasSystemd, "systemd is not installed"), .longTimeLimit)
struct UnitFilesTests {
    private static let units = [
        "mosaicd.service", "mosaicd.socket", "mosaicd-control.socket", "mosaicd-credential.socket",
    ]

    private static func text(of file: String) throws -> String {
        try String(decoding: Data(contentsOf: URL(filePath: repositoryPath("systemd/\(file)"))), as: UTF8.self)
    }

    /// The values of a setting, in order.
    private static func values(of key: String, in file: String) throws -> [String] {
        try self.text(of: file).split(separator: "\n").filter { $0.hasPrefix("\(key)=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    /// A unit with a program that exists in place of the agent and its command line.
    private static func runnable(_ unit: String) throws -> String {
        try self.text(of: unit).replacing("/usr/bin/mosaicd", with: "/bin/true")
            .replacing("/usr/bin/mosaicctl", with: "/bin/true")
    }

    /// Writes the units to a directory, with a program that exists in place of the agent.
    private static func withUnits<R>(_ body: (String) async throws -> R) async throws -> R {
        try await withTemporaryDirectory { directory in
            for unit in self.units {
                try write(self.runnable(unit), to: "\(directory)/\(unit)", mode: 0o644)
            }
            return try await body(directory)
        }
    }

    @Test func `systemd finds nothing to complain about in the units`() async throws {
        try await Self.withUnits { directory in
            let result = try await Command.run(
                "/usr/bin/systemd-analyze",
                ["verify"] + Self.units.map { "\(directory)/\($0)" }
            )
            #expect(result.output == "")
            #expect(result.status == 0)
        }
    }

    @Test func `systemd would have complained about a mistake`() async throws {
        try await Self.withUnits { directory in
            let unit = "\(directory)/mosaicd.service"
            try write(Self.runnable("mosaicd.service") + "NoSuchSetting=yes\n", to: unit, mode: 0o644)
            let result = try await Command.run("/usr/bin/systemd-analyze", ["verify", unit])
            #expect(result.output.contains("NoSuchSetting"))
        }
    }

    @Test func `the service is well confined`() async throws {
        try await Self.withUnits { directory in
            let result = try await Command.run(
                "/usr/bin/systemd-analyze",
                ["security", "--offline=yes", "--threshold=12", "--no-pager", "\(directory)/mosaicd.service"]
            )
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains("Overall exposure level"))
        }
    }

    @Test func `each socket has its own name, path and mode, and starts the one service`() throws {
        let names = Self.units.dropFirst()
        for (key, expected) in [
            ("FileDescriptorName", ["main", "control", "credential"]),
            (
                "ListenStream",
                ["/run/mosaicd/mosaicd.sock", "/run/mosaicd/control.sock", "/run/mosaicd/credential.sock"]
            ),
            ("SocketMode", ["0660", "0600", "0600"]), ("SocketGroup", ["mosaic", "root", "root"]),
            ("Service", ["mosaicd.service", "mosaicd.service", "mosaicd.service"]),
        ] {
            #expect(try names.flatMap { try Self.values(of: key, in: $0) } == expected, "\(key)")
        }
        // What stands there is started with the service, whether it is enabled or not.
        #expect(try Self.values(of: "Sockets", in: "mosaicd.service") == ["mosaicd.socket mosaicd-control.socket"])
    }

    @Test func `memory that may be locked has an end`() throws {
        #expect(try Self.values(of: "LimitMEMLOCK", in: "mosaicd.service") == ["infinity"])
        #expect(try Self.values(of: "MemoryMax", in: "mosaicd.service") == ["1G"])
        #expect(try Self.values(of: "MemorySwapMax", in: "mosaicd.service") == ["0"])
    }

    @Test func `the service sees its callers' users as they are`() throws {
        #expect(try Self.values(of: "PrivateUsers", in: "mosaicd.service").isEmpty)
        #expect(try Self.values(of: "DynamicUser", in: "mosaicd.service").isEmpty)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can make users and give them directories"))
    func `the users, the groups and the directory of the sockets are made without complaint`() async throws {
        try await withTemporaryDirectory { root in
            try FileManager.default.createDirectory(atPath: "\(root)/etc", withIntermediateDirectories: false)
            for folder in ["sysusers.d", "tmpfiles.d"] {
                let directory = "\(root)/usr/lib/\(folder)"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                try write(try Self.text(of: "\(folder)/mosaicd.conf"), to: "\(directory)/mosaicd.conf", mode: 0o644)
            }
            let users = try await Command.run("/usr/bin/systemd-sysusers", ["--root=\(root)"])
            #expect(users.status == 0)
            #expect(users.output.split(separator: "\n").allSatisfy { $0.hasPrefix("Creating ") }, "\(users.output)")
            let files = try await Command.run("/usr/bin/systemd-tmpfiles", ["--root=\(root)", "--create"])
            #expect(files.status == 0)
            #expect(files.output == "")

            let passwd = try Self.records(of: "\(root)/etc/passwd")
            #expect(passwd.count == 1)
            let user = try #require(passwd.first)
            #expect(user[0] == "mosaicd")
            #expect(user[6].hasSuffix("/nologin"))
            let groups = try Self.records(of: "\(root)/etc/group")
            #expect(groups.map { $0[0] }.sorted() == ["mosaic", "mosaicd"])
            #expect(groups.first { $0[0] == "mosaicd" }?[2] == user[3], "the user's own group")

            let directory = try FileManager.default.attributesOfItem(atPath: "\(root)/run/mosaicd")
            #expect(directory[.posixPermissions] as? Int == 0o755)
            // systemd makes sockets there as root and by path: no one else may put anything in their way.
            #expect(directory[.ownerAccountID] as? Int == 0)
            #expect(directory[.groupOwnerAccountID] as? Int == 0)
        }
    }

    private static func records(of path: String) throws -> [[String]] {
        try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        }
    }
}
