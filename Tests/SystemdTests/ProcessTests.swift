import Glibc
import Testing

@testable import Systemd

@Suite struct `A process` {
    private func socketPair() -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        unsafe #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        return (pair[0], pair[1])
    }

    @Test func `is named by the socket it is connected to, where the kernel knows how`() throws {
        let (one, other) = socketPair()
        defer { for socket in [one, other] { close(socket) } }
        do throws(SystemCallError) {
            let peer = try ProcessDescriptor.ofPeer(at: one)
            #expect(!peer.hasEnded)
        } catch {
            #expect(error.number == ENOPROTOOPT)
        }
    }

    @Test func `that has ended is known to have, before anybody takes note of it`() throws {
        var child: pid_t = 0
        let name = unsafe strdup("true")
        defer { unsafe free(name) }
        var arguments = unsafe [name, nil]
        unsafe #expect(posix_spawnp(&child, "true", nil, nil, &arguments, environ) == 0)
        let process = try ProcessDescriptor.opening(child)
        var info = unsafe siginfo_t()
        unsafe #expect(waitid(P_PID, id_t(child), &info, WEXITED | WNOWAIT) == 0)
        #expect(process.hasEnded)
        var status: Int32 = 0
        unsafe #expect(waitpid(child, &status, 0) == child)
        #expect(process.hasEnded)
        #expect(throws: SystemCallError.self) { try ProcessDescriptor.opening(child) }
        #expect(ProcessFacts(ofProcess: child) == nil)
    }

    @Test func `tells its user and its start`() throws {
        let facts = try #require(ProcessFacts(ofProcess: getpid()))
        #expect(facts.user == geteuid())
        let now = UInt64(BootTime.now()) / (1_000_000_000 / ProcessFacts.ticksPerSecond)
        #expect(facts.start > 0 && facts.start <= now)
    }

    @Test(arguments: [
        (
            "7 (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 100",
            "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t9\t9\t9\t9\n",
            ProcessFacts(start: 4_711, user: 2)
        ),
        (
            "7 (Uid: 0 0) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12", "Uid:\t0\t33\n",
            ProcessFacts(start: 12, user: 33)
        ),
        ("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0", "Uid:\t0\t33\n", nil),
        ("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 -1", "Uid:\t0\t33\n", nil),
        ("7 a S 1", "Uid:\t0\t33\n", nil),
        ("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12", "Uid:\t33\n", nil),
        ("7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12", "Name:\tx\n", nil),
    ])
    func `is read from what proc tells, or not at all`(_ stat: String, _ status: String, _ facts: ProcessFacts?) {
        #expect(ProcessFacts(stat: Array(stat.utf8), status: Array(status.utf8)) == facts)
    }
}
