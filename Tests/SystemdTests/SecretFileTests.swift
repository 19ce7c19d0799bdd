import Foundation
import Glibc
import Secrets
import Testing

@testable import Systemd

extension Secret {
    /// The bytes as text, which only a test may do.
    var exposed: String {
        self.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    }
}

@Suite struct SecretFileTests {
    @Test(arguments: [
        ("s3cret", "s3cret"), ("s3cret\n", "s3cret"), ("s3cret\n\n", "s3cret\n"), ("s3cret\r\n", "s3cret\r"),
        (" a\nb\0c ", " a\nb\0c "),
    ])
    func `the secret is the content without one line feed at its end`(_ content: String, _ secret: String) async throws
    {
        try await withTemporaryDirectory { directory in
            try write(content, to: "\(directory)/secret", mode: 0o600)
            #expect(try SecretFile.read(path: "\(directory)/secret").exposed == secret)
        }
    }

    @Test func `64 KiB are read, one byte more is not`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/secret"
            try write(String(repeating: "x", count: 65_536), to: path, mode: 0o400)
            #expect(try SecretFile.read(path: path).count == 65_536)
            try FileManager.default.removeItem(atPath: path)
            try write(String(repeating: "x", count: 65_537), to: path, mode: 0o400)
            #expect(throws: SecretFileError(path: path, problem: .tooLarge)) { try SecretFile.read(path: path) }
        }
    }

    struct BadFile: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (String) throws -> Void
        let problem: SecretFileError.Problem
        let text: String

        init(
            _ name: String,
            _ problem: SecretFileError.Problem,
            _ text: String,
            make: @escaping @Sendable (String) throws -> Void
        ) {
            self.testDescription = name
            self.make = make
            self.problem = problem
            self.text = text
        }
    }

    @Test(arguments: [
        BadFile("missing", .missing, "there is no such file") { _ in },
        BadFile("below a file", .missing, "no such file") { path in
            // The path of every case is DIRECTORY/in/secret.
            try write("", to: (path as NSString).deletingLastPathComponent, mode: 0o600)
        },
        BadFile("symbolic link", .symbolicLink, "symbolic link") { path in
            try write("s3cret", to: path + ".target", mode: 0o600)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: path + ".target")
        },
        BadFile("directory", .notRegular, "no regular file") { path in
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
        },
        BadFile("named pipe", .notRegular, "no regular file") { path in
            #expect(unsafe mkfifo(path, 0o600) == 0)
        },
        BadFile("socket", .notRegular, "no regular file") { path in
            _ = try UnixSocket(SOCK_STREAM, boundTo: path)
        },
        BadFile("readable by all", .tooPermissive(mode: 0o644, allowed: 0o600), "mode is 0644; allowed is 0600") {
            try write("s3cret", to: $0, mode: 0o644)
        },
        BadFile("readable by the group", .tooPermissive(mode: 0o640, allowed: 0o600), "mode is 0640") {
            try write("s3cret", to: $0, mode: 0o640)
        },
        BadFile("writable by others", .tooPermissive(mode: 0o602, allowed: 0o600), "mode is 0602") {
            try write("s3cret", to: $0, mode: 0o602)
        },
        BadFile("empty", .empty, "it is empty") { try write("", to: $0, mode: 0o600) },
        BadFile("line feed only", .empty, "it is empty") { try write("\n", to: $0, mode: 0o600) },
        BadFile("too large", .tooLarge, "longer than 65536 bytes") {
            try write(String(repeating: "s3cret", count: 20_000), to: $0, mode: 0o600)
        },
    ])
    func `a bad file is refused, by name and with what is allowed`(_ file: BadFile) async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/in/secret"
            if file.testDescription != "below a file" {
                try FileManager.default.createDirectory(atPath: "\(directory)/in", withIntermediateDirectories: false)
            }
            try file.make(path)
            let error = #expect(throws: SecretFileError.self) { try SecretFile.read(path: path) }
            #expect(error == SecretFileError(path: path, problem: file.problem))
            let text = try #require(error).description
            #expect(text.hasPrefix("\(path): "))
            #expect(text.contains(file.text))
            #expect(!text.contains("s3cret"))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a file of another user is refused`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/secret"
            try write("s3cret", to: path, mode: 0o600)
            try FileManager.default.setAttributes([.ownerAccountID: 65_533], ofItemAtPath: path)
            let error = #expect(throws: SecretFileError.self) { try SecretFile.read(path: path) }
            #expect(error?.problem == .foreignOwner(65_533))
            #expect(error?.description.contains("belongs to user 65533") == true)
            // To that user it is the own one.
            #expect(try SecretFile.read(path: path, rules: .private, user: 65_533).exposed == "s3cret")
        }
    }

    @Test func `a secret is replaced where reading would take it from, and nowhere else`() async throws {
        let new = Secret(copying: "new".utf8)
        try await withTemporaryDirectory { directory in
            let place = "\(directory)/in"
            let path = "\(place)/secret"
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            func problem() -> SecretFileError.Problem? {
                do {
                    try SecretFile.replace(path: path, with: new)
                    return nil
                } catch {
                    return error.problem
                }
            }
            #expect(problem() == .missing)
            try write("old", to: path, mode: 0o400)
            #expect(problem() == nil)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "new\n")
            #expect(unsafe chmod(path, 0o644) == 0)
            #expect(problem() == .tooPermissive(mode: 0o644, allowed: 0o600))
            #expect(unsafe chmod(path, 0o600) == 0)
            for mode: mode_t in [0o770, 0o777, 0o1777] {
                #expect(unsafe chmod(place, mode) == 0)
                #expect(problem() == .openDirectory(mode: UInt32(mode)))
            }
            #expect(unsafe chmod(place, 0o700) == 0)
            try FileManager.default.moveItem(atPath: path, toPath: path + ".target")
            #expect(unsafe symlink("secret.target", path) == 0)
            #expect(problem() == .symbolicLink)
            #expect(try FileManager.default.contentsOfDirectory(atPath: place).count == 2, "no draft is left")
            guard geteuid() == 0 else { return }
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: path + ".target", toPath: path)
            #expect(unsafe chown(path, 65_533, 65_533) == 0)
            #expect(problem() == .foreignOwner(65_533))
            try SecretFile.replace(path: path, with: new, of: [65_533])
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.ownerAccountID] as? Int == 65_533 && attributes[.posixPermissions] as? Int == 0o600)
            #expect(unsafe chown(place, 65_534, 65_534) == 0)
            #expect(problem() == .foreignDirectory(65_534))
        }
    }

    @Test func `a file of root is accepted from any user`() async throws {
        try await withTemporaryDirectory { directory in
            try write("s3cret", to: "\(directory)/secret", mode: 0o600)
            let user = geteuid() == 0 ? 65_533 : geteuid()
            #expect(try SecretFile.read(path: "\(directory)/secret", rules: .private, user: user).exposed == "s3cret")
        }
    }
}

@Suite struct CredentialsDirectoryTests {
    @Test func `it is where the environment says, and only an absolute path`() {
        #expect(CredentialsDirectory(environment: Environment([:])) == nil)
        #expect(CredentialsDirectory(environment: Environment(["CREDENTIALS_DIRECTORY": ""])) == nil)
        #expect(CredentialsDirectory(environment: Environment(["CREDENTIALS_DIRECTORY": "relative"])) == nil)
        let directory = CredentialsDirectory(environment: Environment(["CREDENTIALS_DIRECTORY": "/run/credentials/x"]))
        #expect(directory?.path == "/run/credentials/x")
    }

    private static func with(
        _ content: String,
        mode: Int,
        as name: String,
        _ body: (CredentialsDirectory) throws -> Void
    ) async throws {
        try await withTemporaryDirectory { path in
            try write(content, to: "\(path)/\(name)", mode: mode)
            let directory = CredentialsDirectory(environment: Environment(["CREDENTIALS_DIRECTORY": path]))
            try body(try #require(directory))
        }
    }

    @Test(arguments: [0o400, 0o440, 0o600, 0o640])
    func `a credential is read by its name`(_ mode: Int) async throws {
        try await Self.with("s3cret\n", mode: mode, as: "default.secret") { directory in
            let secret = try directory.read("default.secret")
            #expect(secret.exposed == "s3cret")
        }
    }

    @Test(arguments: [0o444, 0o604, 0o660, 0o650])
    func `a credential that others can read, or the group can write, is refused`(_ mode: Int) async throws {
        try await Self.with("s3cret\n", mode: mode, as: "default.secret") { directory in
            let error = #expect(throws: SecretFileError.self) { try directory.read("default.secret") }
            #expect(error?.problem == .tooPermissive(mode: UInt32(mode), allowed: 0o640))
        }
    }

    @Test(arguments: ["", ".", "..", "../secret", "a/b", "/etc/passwd", ".hidden", "a b", "a\0b", "ä", "a:b", "a\n"])
    func `a name that is none is refused before any file is opened`(_ name: String) async throws {
        try await Self.with("s3cret", mode: 0o600, as: "secret") { directory in
            let error = #expect(throws: SecretFileError.self) { try directory.read(name) }
            #expect(error?.problem == .invalidName)
            #expect(error?.description.contains("A-Z a-z 0-9 . _ -") == true)
        }
    }

    @Test func `a long name is refused, the longest is not`() async throws {
        let name = String(repeating: "n", count: 255)
        try await Self.with("s3cret", mode: 0o600, as: name) { directory in
            let secret = try directory.read(name)
            #expect(secret.exposed == "s3cret")
            #expect(throws: SecretFileError.self) { try directory.read(name + "n") }
        }
    }

    @Test func `a credential that was not given is missing, with the path where it should be`() async throws {
        try await Self.with("s3cret", mode: 0o600, as: "default.secret") { directory in
            let error = #expect(throws: SecretFileError.self) { try directory.read("other.secret") }
            #expect(error == SecretFileError(path: "\(directory.path)/other.secret", problem: .missing))
        }
    }
}
