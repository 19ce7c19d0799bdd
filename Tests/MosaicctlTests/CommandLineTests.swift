import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// What holds for the command line and the output of every command.
@Suite(.longTimeLimit) struct CommandLineTests {
    /// Runs a line of bash in which `$0` is mosaicctl.
    private static func bash(_ line: String, socket: String = "/nowhere") async throws -> Ctl.Outcome {
        try await Ctl.run(
            "/bin/bash",
            ["-c", line, Ctl.path],
            environment: ["MOSAICD_SOCKET": socket, "MOSAICD_CONTROL_SOCKET": socket]
        )
    }

    @Test(arguments: [
        #"throttle clear $'caf\xe9'"#, #"user create --first-name $'Ren\xe9' --email a@b.example"#,
        #"login $'caf\xe9' --password-stdin"#, #"--json ping $'\xff'"#, #"user get --trace-id=$'\xc3' u-1"#,
        #"user get $'\xed\xa0\x80'"#, #"$'\xe9'"#,
    ])
    func `an argument that is not UTF-8 is refused before anything is sent`(arguments: String) async throws {
        let calls = Mutex(0)
        try await FakeAgent.answering { _ in
            calls.withLock { $0 += 1 }
            return Canned.denied
        } _: { path in
            let outcome = try await Self.bash("\"$0\" \(arguments)", socket: path)
            #expect(outcome.status == 64, "\(outcome.error)")
            #expect(outcome.error.contains("is not valid UTF-8; allowed: "), "\(outcome.error)")
            #expect(outcome.output.isEmpty)
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test(arguments: ["--password-file FILE", "--password-file=FILE"])
    func `a path may be any bytes`(option: String) async throws {
        let requests = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            let text = request.rawText.description
            requests.withLock { $0.append(text) }
            return Canned.denied
        } _: { path in
            let option = option.replacing("FILE", with: #"$'caf\xe9'"#)
            let outcome = try await Self.bash(
                "cd '\(path).d' 2>/dev/null || { mkdir '\(path).d' && cd '\(path).d'; }; umask 077\n"
                    + #"printf 'from file\n' > $'caf\xe9'; ln -sf "$MOSAICD_SOCKET" $'s\xff'"# + "\n"
                    + #""$0" --socket $'s\xff' login bob "# + option + "\nstatus=$?\n"
                    + #""$0" --socket $'s\xfe' ping 2>&1; exit $status"#,
                socket: path
            )
            try? FileManager.default.removeItem(atPath: path + ".d")
            #expect(outcome.status == 1, "\(outcome.error)")
            #expect(outcome.output.contains(#"there is no socket at s\xfe"#), "\(outcome.output)")
        }
        #expect(requests.withLock { $0.count } == 1)
        #expect(requests.withLock { $0.first?.contains(#""password":"from file""#) } == true)
    }

    @Test(arguments: [
        ("--version", 70), ("--help", 70), ("ping --help", 70), ("ping", 70), ("--json ping", 70),
        ("discover --markdown", 70),
        ("--generate-completion-script bash", 70), ("login a --password-stdin", 1),
    ])
    func `output that cannot be written is an error, on a full device and on a closed descriptor`(
        arguments: String,
        status: Int32
    ) async throws {
        try await FakeAgent.answering { request in
            request["method"]?.string == "password.authenticate" ? Canned.denied : #""result":{"pong":true}"#
        } _: { path in
            for (output, reason) in [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")] {
                let outcome = try await Self.bash("echo pw | \"$0\" \(arguments) \(output)", socket: path)
                #expect(outcome.status == status, "\(arguments) \(output)")
                #expect(
                    outcome.error.contains("mosaicctl: cannot write to standard output: \(reason)\n"),
                    "\(arguments) \(output): \(outcome.error)"
                )
            }
        }
    }

    @Test(arguments: [
        "--help", "--version", "ping", "--json ping", "discover --markdown", "--generate-completion-script bash",
    ])
    func `a reader that has had enough is no failure`(arguments: String) async throws {
        try await FakeAgent.answering { _ in
            #""result":{"pong":true}"#
        } _: { path in
            let words = arguments.split(separator: " ").map(String.init)
            let outcome = try await Ctl.run(words, socket: path, output: .brokenPipe)
            #expect(outcome.status == 0)
            #expect(outcome.error.isEmpty)
        }
        try await FakeAgent.answering { _ in
            Canned.denied
        } _: { path in
            let arguments = ["login", "a", "--password-stdin"]
            let outcome = try await Ctl.run(arguments, socket: path, input: "pw", output: .brokenPipe)
            #expect(outcome.status == 1, "what became of the login still shows")
            #expect(outcome.error.isEmpty)
        }
    }

    @Test(arguments: ["26", "20", "1", "0", "-7"])
    func `help is written however narrow the terminal is`(columns: String) async throws {
        for arguments in [["--help"], ["login", "--help"], ["no-such-command"]] {
            let outcome = try await Ctl.run(Ctl.path, arguments, environment: ["COLUMNS": columns])
            #expect(outcome.status == (arguments.count == 1 && arguments[0] != "--help" ? 64 : 0))
            #expect((outcome.output + outcome.error).contains("mosaicctl"), "\(outcome.error)")
            if outcome.status == 0 { #expect(outcome.output.contains("--socket")) }
        }
    }

    @Test(arguments: [
        (["otp", "verify", "a@b.example", "--type", "email"], "250 227\n", "250227"),
        (["otp", "verify", "a@b.example", "--type", "email"], " 250-227 \r\n", "250227"),
        (["otp", "verify", "a@b.example", "--type", "email"], "250\u{A0}227\n", "250227"),
        (["otp", "verify", "a@b.example", "--type", "email"], "\u{202F}250\u{2009}227\u{2011}\n", "250227"),
        (["reset", "verify-email-otp", "a@b.example"], "25 02\t27", "250227"),
        // Not a number: whatever it is, it is not ours to change.
        (["otp", "verify", "a@b.example", "--type", "email"], "ab-c d\n", "ab-c d"),
        (["link", "verify"], "ab-1 2\n", "ab-1 2"),
    ])
    func `blanks and dashes between the digits of a code are left out`(
        arguments: [String],
        input: String,
        code: String
    ) async throws {
        let requests = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            let text = request.rawText.description
            requests.withLock { $0.append(text) }
            return Canned.denied
        } _: { path in
            let outcome = try await Ctl.run(arguments + ["--code-stdin"], socket: path, input: input)
            #expect(outcome.status == 1, "\(outcome.error)")
        }
        let request = requests.withLock { $0.first } ?? ""
        #expect(request.contains(":\"\(code)\""), "\(request)")
    }
}
