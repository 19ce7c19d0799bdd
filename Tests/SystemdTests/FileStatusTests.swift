import Glibc
import Systemd
import Testing

@Suite struct FileStatusTests {
    @Test(arguments: [
        ("/", FileStatus.Kind.directory), ("/dev/null", .nullDevice), ("/dev/zero", .other),
        ("/proc/self", .symbolicLink),
        ("/proc/self/status", .regularFile),
    ]) func `a file's kind is known`(path: String, kind: FileStatus.Kind) throws {
        #expect(try FileStatus(ofPath: path, followingLinks: false).kind == kind)
    }

    @Test func `a link is followed when asked for`() throws {
        let own = try FileStatus(ofPath: "/proc/self", followingLinks: true)
        #expect(own.kind == .directory)
        #expect(own.owner == geteuid())
        #expect(own.inode == (try FileStatus(ofPath: "/proc/\(getpid())", followingLinks: false).inode))
    }

    @Test func `what is not there has its error number`() {
        #expect(throws: FileStatus.Failure.self) { try FileStatus(ofPath: "/no/such/file", followingLinks: false) }
    }
}
