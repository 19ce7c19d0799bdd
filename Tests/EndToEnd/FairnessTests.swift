import Foundation
import Testing

extension EndToEnd {
    /// What a program of one user does to the socket must not hold up another user.
    @Suite(.enabled(if: geteuid() == 0, "it takes root to be several users")) struct Fairness {
        /// Runs as another user: connects, does one thing over and over for some seconds, and reports.
        private static let program = """
            import os, select, socket, sys, time
            kind, path, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
            def connected():
                s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(path); s.setblocking(False); return s
            ping = b'{"jsonrpc":"2.0","id":1,"method":"system.ping"}\\n'
            connected().close(); print("begun", flush=True)
            end = time.time() + seconds
            text = {'bad lines': b'0\\n' * 32768, 'pings': ping * 700}.get(kind)
            if kind == 'unread answers':
                text = b''.join(b'{"jsonrpc":"2.0","id":%d,"method":"rpc.discover"}\\n' % i for i in range(64))
            poll = select.poll(); open_ = {}
            def add():
                s = connected(); open_[s.fileno()] = [s, memoryview(text)]
                poll.register(s, select.POLLOUT | (select.POLLIN if kind != 'unread answers' else 0))
            for _ in range(32 if kind == 'unread answers' else 4): add()
            while time.time() < end:
                for fd, event in poll.poll(100):
                    one = open_[fd]
                    try:
                        if event & select.POLLIN and not one[0].recv(1 << 18): raise BrokenPipeError
                        if event & select.POLLOUT:
                            one[1] = one[1][one[0].send(one[1]):] or memoryview(text)
                        elif event & (select.POLLHUP | select.POLLERR): raise BrokenPipeError
                    except BlockingIOError: pass
                    except OSError:
                        poll.unregister(fd); one[0].close(); del open_[fd]; add()
            """

        @Test(arguments: ["bad lines", "pings", "unread answers"])
        func `a flood by one user leaves another's pings and logins quick`(_ kind: String) async throws {
            try await TestBed.with { world in
                // The other user must get as far as the socket.
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: world.scratch.path)
                try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: world.agent.socket)
                let file = try world.scratch.write("flood.py", Self.program)
                let flood = try RunningProcess(
                    "/usr/bin/env",
                    ["python3", file, kind, world.agent.socket, "8"],
                    label: "flood",
                    in: world.scratch
                )
                defer { flood.killNow() }
                try await waitUntil("the flood has begun") {
                    guard flood.isRunning else { throw HarnessFailure("the flood ended: \(flood.error)") }
                    return flood.output.contains("begun")
                }
                let start = ContinuousClock.now
                for _ in 0..<10 {
                    #expect(try world.agent.ask("system.ping", "{}")["result"] != nil)
                    let login = try world.agent.authenticate("alice", Passwords.alice)
                    #expect(login["result"]?["verdict"]?.string == "granted")
                }
                let time = ContinuousClock.now - start
                #expect(time < .seconds(6), "ten pings and logins took \(time) beside the flood of \(kind)")
                let isOver = !flood.isRunning
                #expect(!isOver, "the flood was over before the logins")
                #expect(world.agent.process.isRunning)
            }
        }
    }

    /// What stays in the memory of the agent.
    @Suite(.enabled(if: geteuid() == 0, "it takes root to read another process's memory")) struct Memory {
        @Test func `no request line is left in the agent's memory, whatever became of it`() async throws {
            try await TestBed.with { world in
                // The blanks tell the line from what is sent to Mosaic.
                let secret = "pass \(UInt64.random(in: 0...UInt64.max)) phrase"
                func line(_ id: Int, _ more: String = "") -> String {
                    #"{"jsonrpc":"2.0","id":\#(id),"method":"password.authenticate","params":{"password" :  "\#(secret)","username":"alice"\#(more)}}"#
                }
                let connection = try LineSocket(world.agent.socket)
                #expect(try connection.ask(line(1))["result"]?["verdict"]?.string == "denied")
                // Long, in many reads; cut in two; broken at its end; refused; not complete at the end of the stream.
                let claims = #","claims":{"id_token":{"x":{"value":"\#(String(repeating: "y", count: 15_000))"}}}"#
                #expect(try connection.ask(line(2, claims))["result"] != nil)
                let cut = Array(line(3).utf8) + [10]
                for part in [cut[..<100], cut[100...]] { try connection.send(part) }
                #expect(try connection.readAnswer()["id"]?.integer == 3)
                #expect(try connection.ask(line(4, #","x":"\ud800""#))["error"]?["code"]?.integer == -32700)
                #expect(try connection.ask(line(5, #","x":1"#))["error"]?["code"]?.integer == -32602)
                let last = try LineSocket(world.agent.socket)
                try last.send(Array(line(6).utf8))
                last.finishSending()
                #expect(try last.readAnswer()["error"]?["code"]?.integer == -32700)
                #expect(try last.readLine() == nil)
                let needle = Array(#""password" :  "\#(secret)"#.utf8)
                try await waitUntil("the last connection is gone") {
                    try world.agent.askControl("daemon.connections")["result"]?["total"]?.integer == 2
                }
                #expect(try Self.count(needle, inProcess: world.agent.process.identifier) == 0)
            }
        }

        /// How often some bytes stand in what a process can write to.
        static func count(_ needle: [UInt8], inProcess process: Int32) throws -> Int {
            let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
            let memory = try FileHandle(forReadingFrom: URL(filePath: "/proc/\(process)/mem"))
            defer { try? memory.close() }
            var count = 0
            var bytesRead = 0
            for line in maps.split(separator: "\n")
            where line.split(separator: " ").dropFirst().first?.hasPrefix("rw") == true {
                let range = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt64($0, radix: 16) }
                guard range.count == 2, range[1] - range[0] < 1 << 30, (try? memory.seek(toOffset: range[0])) != nil,
                    let data = try? memory.read(upToCount: Int(range[1] - range[0]))
                else { continue }
                bytesRead += data.count
                var rest = data[...]
                while let found = rest.range(of: Data(needle)) {
                    count += 1
                    rest = rest[found.upperBound...]
                }
            }
            try #require(bytesRead > 1 << 20, "the memory of the agent can be read")
            return count
        }
    }
}
