import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// The password prompt on a real terminal, which script(1) provides.
@Suite(.timeLimit(.minutes(1))) struct TerminalTests {
    /// A shell on a terminal of its own. What is written goes to its keyboard; what it shows can be waited for.
    private final class Terminal {
        private let process = Process()
        private let keyboard = Pipe()
        private var screen: AsyncStream<Data>.AsyncIterator
        private(set) var shown = ""
        /// How much of it has been waited for.
        private var position = 0

        /// Runs `script` in a shell, with mosaicctl's path in `$ctl`.
        init(_ script: String, socket: String) throws {
            let output = Pipe()
            process.executableURL = URL(filePath: "/usr/bin/script")
            process.arguments = ["--quiet", "--return", "--flush", "--command", script, "/dev/null"]
            process.environment = [
                "PATH": "/usr/bin:/bin", "SHELL": "/bin/bash", "ctl": Ctl.path, "MOSAICD_SOCKET": socket,
                // Swift would answer SIGQUIT with a backtrace and a question of its own.
                "SWIFT_BACKTRACE": "enable=no",
            ]
            process.standardInput = keyboard
            process.standardOutput = output
            let (stream, continuation) = AsyncStream.makeStream(of: Data.self)
            output.fileHandleForReading.readabilityHandler = { handle in
                let data = handle.availableData
                if data.isEmpty {
                    handle.readabilityHandler = nil
                    continuation.finish()
                } else {
                    continuation.yield(data)
                }
            }
            screen = stream.makeAsyncIterator()
            try process.run()
        }

        /// Waits until `text` is shown behind what was waited for before, or the shell has ended.
        func wait(for text: String) async {
            while !shown.dropFirst(position).contains(text) {
                guard let data = await screen.next(isolation: #isolation) else { break }
                shown += String(decoding: data, as: UTF8.self)
            }
            position = shown.count
        }

        /// Waits for the end and answers all that was shown.
        func rest() async -> String {
            while let data = await screen.next(isolation: #isolation) { shown += String(decoding: data, as: UTF8.self) }
            return shown
        }

        func type(_ text: String) throws { try keyboard.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }
    }

    private static let prompt = "Password for alice: "

    @Test func `the password is asked for without echo, and the terminal is as before`() async throws {
        let password = Mutex("")
        try await FakeAgent.answering { request in
            let text = request["params"]?["password"]?.string ?? ""
            password.withLock { $0 = text }
            return Canned.denied
        } _: { path in
            let terminal = try Terminal(#""$ctl" login alice; echo "status $?"; stty -a"#, socket: path)
            await terminal.wait(for: Self.prompt)
            try terminal.type("pass word-canary\n")
            let shown = await terminal.rest()
            #expect(shown.contains("denied") && shown.contains("status 1"), "\(shown)")
            #expect(!shown.contains("canary"))
            #expect(shown.contains(" echo ") && !shown.contains("-echo "), "\(shown)")
        }
        #expect(password.withLock { $0 } == "pass word-canary")
    }

    @Test(arguments: [("\u{3}", "130"), ("\u{1C}", "131")])
    func `a signal from the keyboard ends the question and puts the terminal back`(
        key: String,
        status: String
    ) async throws {
        // The shell's own trap keeps it alive; mosaicctl gets the default action.
        let script = #"trap : INT QUIT; ulimit -c 0; "$ctl" login alice; echo "status $?"; stty -a"#
        let terminal = try Terminal(script, socket: "/nonexistent")
        await terminal.wait(for: Self.prompt)
        try terminal.type("half a pass" + key)
        let shown = await terminal.rest()
        #expect(shown.contains("status \(status)"), "\(shown)")
        #expect(shown.contains(" echo ") && !shown.contains("-echo ") && !shown.contains("half"), "\(shown)")
    }

    @Test func `a termination from outside puts the terminal back`() async throws {
        let script = #"sh -c 'echo "pid=$$."; exec "$ctl" login alice'; echo "status $?"; stty -a"#
        let terminal = try Terminal(script, socket: "/nonexistent")
        await terminal.wait(for: Self.prompt)
        let digits = try #require(terminal.shown.split(separator: "pid=").last?.split(separator: ".").first)
        kill(try #require(pid_t(digits)), SIGTERM)
        let shown = await terminal.rest()
        #expect(shown.contains("status 143"), "\(shown)")
        #expect(shown.contains(" echo ") && !shown.contains("-echo "), "\(shown)")
    }

    @Test func `a stop puts the terminal back, and going on asks again`() async throws {
        try await FakeAgent.answering { _ in
            Canned.denied
        } _: { path in
            let script =
                #"set -m; "$ctl" login alice; echo "stopped $?"; stty -a | grep -o ' -*echo '; fg; echo "status $?""#
            let terminal = try Terminal(script, socket: path)
            await terminal.wait(for: Self.prompt)
            try terminal.type("abc\u{1A}")
            await terminal.wait(for: Self.prompt)
            try terminal.type("secret-canary\n")
            let shown = await terminal.rest()
            #expect(shown.contains("stopped 148") && shown.contains(" echo "), "\(shown)")
            #expect(shown.contains("status 1") && !shown.contains("canary"), "\(shown)")
        }
    }

    @Test func `an end of file instead of a password is no password`() async throws {
        let terminal = try Terminal(#""$ctl" login alice; echo "status $?""#, socket: "/nonexistent")
        await terminal.wait(for: Self.prompt)
        try terminal.type("\u{4}")
        let shown = await terminal.rest()
        #expect(shown.contains("no password") && shown.contains("status 64"), "\(shown)")
    }
}
