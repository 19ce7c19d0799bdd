import Glibc
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// The password prompt on a real terminal.
@Suite(.longTimeLimit) struct TerminalTests {
    /// Runs `script` in a shell on a terminal, with mosaicctl's path in `$ctl`.
    private static func shell(_ script: String, socket: String) throws -> Terminal {
        try Terminal(
            "/bin/bash",
            ["-c", script],
            environment: [
                "PATH": "/usr/bin:/bin", "ctl": Ctl.path, "MOSAICD_SOCKET": socket,
                // Swift would answer SIGQUIT with a backtrace and a question of its own.
                "SWIFT_BACKTRACE": "enable=no",
            ]
        )
    }

    private static let prompt = "Password for alice: "

    @Test func `the password is asked for without echo, and the terminal is as before`() async throws {
        let password = Mutex("")
        try await FakeAgent.answering { request in
            let text = request["params"]?["password"]?.string ?? ""
            password.withLock { $0 = text }
            return Canned.denied
        } _: { path in
            let terminal = try Self.shell(#""$ctl" login alice; echo "status $?"; stty -a"#, socket: path)
            try await terminal.wait(for: Self.prompt)
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
        let terminal = try Self.shell(script, socket: "/nonexistent")
        try await terminal.wait(for: Self.prompt)
        try terminal.type("half a pass" + key)
        let shown = await terminal.rest()
        #expect(shown.contains("status \(status)"), "\(shown)")
        #expect(shown.contains(" echo ") && !shown.contains("-echo ") && !shown.contains("half"), "\(shown)")
    }

    @Test func `a termination from outside puts the terminal back`() async throws {
        let script = #"sh -c 'echo "pid=$$."; exec "$ctl" login alice'; echo "status $?"; stty -a"#
        let terminal = try Self.shell(script, socket: "/nonexistent")
        try await terminal.wait(for: Self.prompt)
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
            let terminal = try Self.shell(script, socket: path)
            try await terminal.wait(for: Self.prompt)
            try terminal.type("abc\u{1A}")
            try await terminal.wait(for: Self.prompt)
            try terminal.type("secret-canary\n")
            let shown = await terminal.rest()
            #expect(shown.contains("stopped 148") && shown.contains(" echo "), "\(shown)")
            #expect(shown.contains("status 1") && !shown.contains("canary"), "\(shown)")
        }
    }

    @Test func `an end of file instead of a password is no password`() async throws {
        let terminal = try Self.shell(#""$ctl" login alice; echo "status $?""#, socket: "/nonexistent")
        try await terminal.wait(for: Self.prompt)
        try terminal.type("\u{4}")
        let shown = await terminal.rest()
        #expect(shown.contains("no password") && shown.contains("status 64"), "\(shown)")
    }
}
