import Foundation
import StrictJSON
import Synchronization
import TestSupport
import Testing

@testable import mosaicctl

/// What the commands write.
@Suite(.longTimeLimit) struct OutputTests {
    private static let canaries = ["AT-canary", "IT-canary", "RT-canary", "SI-canary", "XT-canary"]

    @Test(arguments: [(Canned.granted, "granted"), (Canned.changeRequired, "password change required")])
    func `tokens are shown only when asked for`(answer: String, heading: String) async throws {
        let expected = Self.canaries.filter { answer.contains($0) }
        try await FakeAgent.answering { _ in
            answer
        } _: { path in
            let arguments = ["login", "alice", "--password-stdin"]
            for options in [[], ["--json"]] {
                let hidden = try await Ctl.run(arguments + options, socket: path, input: "pw")
                #expect(!(hidden.output + hidden.error).contains("canary"), "\(hidden.output)")
                let shown = try await Ctl.run(arguments + options + ["--show-tokens"], socket: path, input: "pw")
                for canary in expected { #expect(shown.output.contains(canary)) }
            }
            let text = try await Ctl.run(arguments, socket: path, input: "pw")
            #expect(text.output.hasPrefix(heading + "\n") && text.error.contains("--show-tokens"))
        }
    }

    @Test func `call leaves secrets out, and names them`() async throws {
        try await FakeAgent.answering { _ in
            Canned.granted
        } _: { path in
            let arguments = ["call", "password.authenticate", "-"]
            let input = #"{"username":"alice","password":"pw"}"#
            let hidden = try await Ctl.run(arguments + ["--json"], socket: path, input: input)
            #expect(hidden.status == 0 && !hidden.output.contains("canary"))
            let withheld = try hidden.json["withheld"]?.elements.map { $0.compactMap(\.string) }
            #expect(withheld == ["access_token", "id_token", "refresh_token", "session_id"])
            #expect(try hidden.json["result"]?["user_id"]?.string == "u-1")
            let shown = try await Ctl.run(arguments + ["--show-tokens"], socket: path, input: input)
            #expect(shown.output.contains(#"  "access_token": "AT-canary","#))
            // Nobody knows what is secret in the result of a method that is not in the table.
            let unknown = try await Ctl.run(["call", "future.method"], socket: path)
            #expect(
                unknown.status == 64 && !unknown.output.contains("canary") && unknown.error.contains("call is done")
            )
        }
    }

    @Test(arguments: [
        (#"{"username":"a","password":"PW-canary"}"#, "password"),
        (#"{"x":[{"session_id":"PW-canary"}]}"#, "x.session_id"),
        (#"{"pass\u0077ord":"PW-canary"}"#, "password"),
    ])
    func `secrets are refused on the command line before anything is sent`(params: String, name: String) async throws {
        let calls = Mutex(0)
        try await FakeAgent.answering { _ in
            calls.withLock { $0 += 1 }
            return Canned.denied
        } _: { path in
            for method in ["password.authenticate", "future.method"] {
                let outcome = try await Ctl.run(["call", method, params], socket: path)
                #expect(outcome.status == 64 && outcome.error.contains("\(name) is a secret"), "\(outcome.error)")
                #expect(!outcome.error.contains("canary"))
            }
        }
        #expect(calls.withLock { $0 } == 0)
    }

    @Test func `what goes out is what was asked for`() async throws {
        let requests = Mutex<[String]>([])
        try await FakeAgent.answering { request in
            let text = request.rawText.description
            requests.withLock { $0.append(text) }
            return Canned.denied
        } _: { path in
            _ = try await Ctl.run(
                [
                    "--timeout", "120.5", "login", "é", "--type", "email", "--client", "shop", "--trace-id", "t",
                    "--password-stdin",
                ],
                socket: path,
                input: "p\"w\\ \n\n"
            )
            let file = path + ".password"
            try "from file\n".write(toFile: file, atomically: true, encoding: .utf8)
            let login = try await Ctl.run(["login", "bob", "--password-file", file], socket: path)
            #expect(login.status == 1)
            _ = try await Ctl.run(["call", "system.ping", #"{"a": 1}"#, "--timeout", "100"], socket: path)
            _ = try await Ctl.run(
                ["policy", "explain", "--uid", "7", "--gid", "8", "--gid", "9", "--target", "a", "--client", "c", "m"],
                socket: path
            )
            _ = try await Ctl.run(["policy", "explain", "--user", "root", "--group", "root", "m"], socket: path)
            for (argument, input) in [(#"{"channel":"direct"}"#, ""), ("-", #"{"password":"p"}"#)] {
                let explain = ["policy", "explain", "--uid", "7", "otp.send", argument]
                _ = try await Ctl.run(explain, socket: path, input: input)
            }
        }
        let start = #"{"jsonrpc":"2.0","id":1,"method":"#
        #expect(
            requests.withLock { $0 } == [
                start
                    + #""password.authenticate","params":{"username":"é","password":"p\"w\\ \n","username_type":"email","#
                    + #""meta":{"deadline_ms":120500,"client":"shop","trace_id":"t"}}}"#,
                start + #""password.authenticate","params":{"username":"bob","password":"from file"}}"#,
                start + #""system.ping","params":{"a":1,"meta":{"deadline_ms":100000}}}"#,
                start + #""policy.explain","params":{"uid":7,"method":"m","gids":[8,9],"client":"c","#
                    + #""target":{"kind":"username","value":"a"}}}"#,
                start + #""policy.explain","params":{"uid":0,"method":"m","gids":[0]}}"#,
                start + #""policy.explain","params":{"uid":7,"method":"otp.send","params":{"channel":"direct"}}}"#,
                start + #""policy.explain","params":{"uid":7,"method":"otp.send","params":{"password":"p"}}}"#,
            ]
        )
    }

    @Test func `a password that cannot be right is refused before it counts as an attempt`() async throws {
        try await FakeAgent.inScratchDirectory { directory in
            let file = directory + "/password"
            for (bytes, reason) in [
                ([], "no password"), ([10], "no password"), ([0x66, 0xFF], "not valid UTF-8"),
                ([UInt8](repeating: 0x61, count: 4097), "longer than 4096"),
                ([UInt8](repeating: 0x61, count: 9000), "longer than 4096"),
            ] as [([UInt8], String)] {
                try Data(bytes).write(to: URL(filePath: file))
                let outcome = try await Ctl.run(["login", "a", "--password-file", file], socket: directory + "/none")
                #expect(outcome.status == 64 && outcome.error.contains(reason), "\(outcome.error)")
            }
            // The largest one with its line feed gets as far as the socket.
            try Data([UInt8](repeating: 0x61, count: 4096) + [10]).write(to: URL(filePath: file))
            let outcome = try await Ctl.run(["login", "a", "--password-file", file], socket: directory + "/none")
            #expect(outcome.status == 6 && outcome.error.contains("chmod 0600"), "\(outcome.error)")
        }
    }

    @Test func `status shows everything there is`() async throws {
        try await FakeAgent.answering { _ in
            Canned.status
        } _: { path in
            let text = try await Ctl.run(["status"], socket: path)
            #expect(text.status == 0)
            for line in [
                "mosaicd         9.8.7, process 4711", "state           running, up 1 h 2 min", "emulated        yes",
                "main socket     /run/x.sock (from systemd, 2 open)", "connections     3 of at most 4096",
                "Client default", "token           retrying, fetched 1 min 10 s ago, expires in 1 min 30 s",
                "last failure    upstream_unavailable, 5 s ago: refused", "answers         19\ncalls           20\n",
            ] {
                #expect(text.output.contains(line), "\(line) is missing in:\n\(text.output)")
            }
            let json = try await Ctl.run(["status", "--json"], socket: path)
            #expect(try json.json["schema"]?.string == "mosaicctl/1" && json.json["command"]?.string == "status")
            #expect(
                try json.json["result"]?["clients"]?.elements?.first { _ in true }?["token"]?["age_s"]?.integer == 70
            )
        }
    }

    @Test func `health puts what needs a look first`() async throws {
        try await FakeAgent.answering { _ in
            Canned.health("degraded")
        } _: { path in
            let text = try await Ctl.run(["health"], socket: path)
            #expect(
                text.output == """
                    degraded
                    client.default.token  degraded: look here
                    audit                 healthy: works

                    """
            )
        }
    }

    @Test func `an error of the agent is shown with all it says`() async throws {
        try await FakeAgent.answering { _ in
            Canned.error(1002, "throttled", outcome: "not_sent")
        } _: { path in
            let text = try await Ctl.run(["login", "a", "--password-stdin"], socket: path, input: "pw")
            #expect(
                text.error == """
                    mosaicctl: told by the agent
                    kind       throttled (1002)
                    try again  in 2 s
                    call id    c-1

                    """
            )
            let json = try await Ctl.run(["login", "a", "--password-stdin", "--json"], socket: path, input: "pw")
            let error = try #require(try json.json["error"])
            #expect(error["source"]?.string == "agent" && error["code"]?.integer == 1002)
            #expect(error["data"]?["retry_after_ms"]?.integer == 1500)
        }
    }

    @Test func `nothing that the agent or the cloud says can reach the terminal as a control character`() async throws {
        let evil = #"\u001b]0;x\u0007\u009b31m\u202e\r\n\u007f"# + "\u{9B}31m\u{202E}\u{7F}"
        let hello = #""result":{"verdict":"denied","reason":"\#(evil)"}"#
        let error = #""error":{"code":1203,"message":"\#(evil)","data":{"kind":"\#(evil)","param":"\#(evil)"}}"#
        for answer in [hello, error] {
            try await FakeAgent.answering { _ in
                answer
            } _: { path in
                for arguments in [
                    ["login", "a", "--password-stdin"], ["call", "system.ping"],
                    ["login", "a", "--password-stdin", "--json"],
                ] {
                    let outcome = try await Ctl.run(arguments, socket: path, input: "pw")
                    for scalar in (outcome.output + outcome.error).unicodeScalars where scalar != "\n" {
                        #expect(
                            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar != "\u{202E}",
                            "U+\(String(scalar.value, radix: 16)) in the output of \(arguments)"
                        )
                    }
                }
            }
        }
    }

    @Test func `policy explain tells the decision by its exit status and shows each rule`() async throws {
        let answers = [
            #""result":{"allowed":true,"reason":"rule web allows it","details":false,"trust_client_ip":true,"rule":"web","client":"default","#
                + #""rules":[{"rule":"web","matches":true,"allows":true,"reason":"allows the call"}]}"#,
            #""result":{"allowed":false,"reason":"no rule allows it","details":false,"#
                + #""rules":[{"rule":"web","matches":false,"allows":false,"reason":"uid 7 is not meant"}]}"#,
        ]
        for (answer, status, line) in [
            (answers[0], 0, "web              allows the call"),
            (answers[0], 0, "trust client IP  yes"),
            (answers[1], 4, "web  uid 7 is not meant"),
        ] as [(String, Int32, String)] {
            try await FakeAgent.answering { _ in
                answer
            } _: { path in
                let outcome = try await Ctl.run(
                    ["policy", "explain", "--uid", "7", "password.authenticate"],
                    socket: path
                )
                #expect(outcome.status == status && outcome.error.isEmpty)
                #expect(outcome.output.hasPrefix(status == 0 ? "allowed\n" : "forbidden\n"))
                #expect(outcome.output.contains(line), "\(outcome.output)")
            }
        }
    }

    @Test func `every command is in the help, and so is every exit status`() async throws {
        let help = try await Ctl.run(["--help"], socket: "").output
        for command in [
            "status", "health", "ping", "hello", "login", "call", "discover", "policy", "refresh-token", "reload",
        ] {
            #expect(help.contains("\n  \(command) "), "\(command) is missing")
            #expect(try await Ctl.run(["help", command], socket: "").output.contains("USAGE: mosaicctl \(command)"))
        }
        for status in ExitStatus.allCases {
            #expect(help.contains(" \(status.rawValue)  "), "\(status.rawValue) is missing")
        }
    }
}
