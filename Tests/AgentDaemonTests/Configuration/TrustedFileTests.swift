import ConfigurationFiles
import Glibc
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct `A configuration file on disk` {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func problem(_ name: String, maximumSize: Int = 1_000) -> String? {
        do {
            _ = try TrustedFile.read(scratch[name], maximumSize: maximumSize)
            return nil
        } catch {
            return "\(error.what); \(error.allowed)"
        }
    }

    @Test func `is read when it is ours and nobody else can write it`() throws {
        for mode: mode_t in [0o400, 0o600, 0o640, 0o644] {
            try scratch.write("f", "text", mode: mode)
            #expect(try TrustedFile.read(scratch["f"], maximumSize: 4) == Array("text".utf8))
        }
    }

    @Test(arguments: [mode_t(0o620), 0o602, 0o666])
    func `is refused when others can write it`(_ mode: mode_t) throws {
        try scratch.write("f", "text", mode: mode)
        let octal = String(mode, radix: 8)
        #expect(
            problem("f")?.hasPrefix("can be written by others than its owner (mode 0\(octal)); a regular file of")
                == true
        )
    }

    @Test(arguments: [mode_t(0o770), 0o707, 0o1777])
    func `is refused when others can put files beside it`(_ mode: mode_t) throws {
        try scratch.write("f", "text")
        try scratch.setMode("", mode)
        #expect(problem("f")?.contains("is in the directory \(scratch.path), which can be written by others") == true)
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `is refused when it or its directory is somebody else's`() throws {
        try scratch.makeDirectory("d")
        try scratch.write("d/f", "text")
        try scratch.setOwner("d/f", 12_345)
        #expect(problem("d/f")?.hasPrefix("belongs to uid 12345") == true)
        try scratch.setOwner("d/f", 0)
        #expect(problem("d/f") == nil)
        try scratch.setOwner("d", 12_345)
        #expect(problem("d/f")?.contains("which belongs to uid 12345") == true)
    }

    @Test func `may be a symbolic link, and what it leads to is judged`() throws {
        try scratch.makeDirectory("away")
        try scratch.write("away/f", "text")
        try scratch.link("f", to: "away/f")
        #expect(problem("f") == nil)
        try scratch.setMode("away/f", 0o666)
        #expect(problem("f")?.hasPrefix("can be written by others") == true)
        try scratch.setMode("away/f", 0o600)
        try scratch.setMode("away", 0o777)
        #expect(problem("f")?.contains("is in the directory \(scratch["away"])") == true)
        try scratch.setMode("away", 0o700)
        try scratch.makeDirectory("open")
        try scratch.link("open/hop", to: scratch["away/f"])
        try scratch.link("twice", to: "open/hop")
        #expect(problem("twice") == nil)
        try scratch.setMode("open", 0o777)
        #expect(problem("twice")?.contains("is in the directory \(scratch["open"])") == true)
        try scratch.link("nowhere", to: "missing")
        #expect(problem("nowhere")?.hasPrefix("does not exist") == true)
        try scratch.link("null", to: "/dev/null")
        #expect(problem("null") != nil)
        try scratch.link("loop", to: "loop")
        #expect(problem("loop")?.hasPrefix("cannot be read: Too many levels") == true)
    }

    @Test(.longTimeLimit) func `is a regular one`() throws {
        try scratch.makeDirectory("d")
        try scratch.makePipe("p")
        #expect(problem("d")?.hasPrefix("is not a regular file") == true)
        #expect(problem("p")?.hasPrefix("is not a regular file") == true)
        #expect(problem("missing")?.hasPrefix("does not exist; a regular file of root") == true)
    }

    @Test func `has a greatest size`() throws {
        try scratch.write("f", String(repeating: "x", count: 1_000))
        #expect(problem("f") == nil)
        try scratch.write("f", String(repeating: "x", count: 1_001))
        #expect(problem("f") == "is too long; at most 1000 bytes")
    }

    @Test func `directories are listed in the order of the names' bytes`() throws {
        try scratch.makeDirectory("d")
        for name in ["b", "a", "B", "10", "9", "ä", "~"] { try scratch.write("d/\(name)", "") }
        let names = try TrustedFile.names(inDirectory: scratch["d"])
        #expect(names?.filter { $0 != "." && $0 != ".." } == ["10", "9", "B", "a", "b", "~", "ä"])
        #expect(try TrustedFile.names(inDirectory: scratch["missing"]) == nil)
        try scratch.setMode("d", 0o777)
        #expect(throws: TrustedFile.Problem.self) { try TrustedFile.names(inDirectory: scratch["d"]) }
    }
}

@Suite struct `A file of certification authorities` {
    private static let body = "MIIBkTCB+wIJAKHBfpE" + String(repeating: "A", count: 61)
    private static let block = "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----\n"

    @Test(arguments: [block, "text before\n" + block + "text between\n" + block, block.replacing("\n", with: "\r\n")])
    func `may hold several, and text around them`(_ text: String) {
        #expect(CertificateFile.flaw(in: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        ("", "holds no certificate"), ("not PEM", "holds no certificate"),
        (block.replacing("-----END CERTIFICATE-----\n", with: ""), "ends inside"),
        (block.replacing("AAAA", with: "A!AA"), "not in base64"),
        ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "not in base64"),
        (block + "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n", "private key"),
        ("-----BEGIN RSA PRIVATE KEY-----\n", "private key"),
        ("-----BEGIN CERTIFICATE REQUEST-----\nx\n-----END CERTIFICATE REQUEST-----\n", "holds no certificate"),
        ("-----BEGIN CERTIFICATE-----\n" + block, "inside another"),
    ])
    func `is refused when it is something else`(_ text: String, _ what: String) throws {
        #expect(try #require(CertificateFile.flaw(in: Array(text.utf8))).contains(what))
    }
}
