import Foundation
import StrictJSON
import TestSupport
import Testing

/// The built mosaicctl, run as a process of its own.
enum Ctl {
    struct Outcome {
        /// The exit status; 128 plus the number for a signal.
        let status: Int32
        let output: String
        let error: String

        /// The output as one line of JSON.
        var json: JSONValue {
            get throws {
                #expect(output.hasSuffix("\n") && !output.dropLast().contains("\n"), "one line: \(output)")
                return try JSONDocument(parsing: Array(output.utf8), maximumDepth: 32).root
            }
        }
    }

    /// Where standard output goes.
    enum Output {
        case captured
        /// A file or device.
        case file(String)
        /// A pipe whose reader has gone away.
        case brokenPipe
    }

    /// The program, found beside the running test bundle.
    static let path: String = {
        let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: bundle ?? CommandLine.arguments[0]).deletingLastPathComponent().appending(
            component: "mosaicctl"
        ).path
    }()

    /// Runs it with both sockets at `socket`.
    static func run(
        _ arguments: [String],
        socket: String,
        input: String = "",
        output: Output = .captured
    ) async throws -> Outcome {
        try await run(
            path,
            arguments,
            environment: ["MOSAICD_SOCKET": socket, "MOSAICD_CONTROL_SOCKET": socket],
            input: input,
            output: output
        )
    }

    /// Runs any program with `input` on standard input, which then ends, and waits for its end.
    static func run(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        output: Output = .captured
    ) async throws -> Outcome {
        let stem = FileManager.default.temporaryDirectory.appending(component: "ctl-\(UUID().uuidString)").path
        let files = [stem + ".in", stem + ".out", stem + ".err"]
        for (file, text) in zip(files, [input, "", ""]) {
            _ = FileManager.default.createFile(atPath: file, contents: Data(text.utf8))
        }
        defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let destination =
            switch output {
            case .captured: try FileHandle(forWritingTo: URL(filePath: files[1]))
            case .file(let path): try FileHandle(forWritingTo: URL(filePath: path))
            case .brokenPipe: pipe.fileHandleForWriting
            }
        let handles = [
            try FileHandle(forReadingFrom: URL(filePath: files[0])), destination,
            try FileHandle(forWritingTo: URL(filePath: files[2])),
        ]
        let process = try ChildProcess(
            executable,
            arguments,
            environment: environment.merging(["PATH": "/usr/bin:/bin"]) { given, _ in given },
            files: ChildProcess.Files(
                input: handles[0].fileDescriptor,
                output: handles[1].fileDescriptor,
                error: handles[2].fileDescriptor
            )
        )
        for handle in handles { try handle.close() }
        return Outcome(status: await process.status(), output: text(files[1]), error: text(files[2]))
    }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}

/// What a scripted agent answers.
enum Canned {
    static let granted = #"""
        "result":{"verdict":"granted","access_token":"AT-canary","token_type":"Bearer","expires_in":3600,
        "session_id":"SI-canary","id_token":"IT-canary","refresh_token":"RT-canary","user_id":"u-1","amr":["pwd"]}
        """#.replacing("\n", with: "")
    static let denied = #""result":{"verdict":"denied"}"#
    static let changeRequired =
        #""result":{"verdict":"password_change_required","cause":"temporary","reset_token":"XT-canary"}"#

    static let status = #"""
        "result":{"version":"9.8.7","pid":4711,"uptime_s":3725,"state":"running","emulated":true,
        "sockets":[{"name":"main","path":"/run/x.sock","source":"systemd","connections":2}],
        "load":{"connections":3,"maximum_connections":4096,"calls_in_flight":1,"calls_parked":0},
        "clients":[{"name":"default","client_id":"cid","host":"127.0.0.1:8443","authentication":"client_secret_post",
        "emulated":true,"token":{"state":"retrying","age_s":70,"expires_in_s":90,
        "last_error":{"kind":"upstream_unavailable","message":"refused","age_s":5}}}],
        "audit":{"sink":"journal","when_full":"refuse","queued":0,"capacity":1024,"written":17,"dropped":0},
        "counters":{"calls":20,"answers":19}}
        """#.replacing("\n", with: "")

    static func health(_ level: String) -> String {
        #""result":{"status":"\#(level)","checks":[{"name":"audit","status":"healthy","message":"works"},"#
            + #"{"name":"client.default.token","status":"\#(level)","message":"look here"}]}"#
    }

    static func error(_ code: Int, _ kind: String, outcome: String? = nil) -> String {
        let outcome = outcome.map { #","outcome":"\#($0)""# } ?? ""
        return #""error":{"code":\#(code),"message":"told by the agent","data":"#
            + #"{"kind":"\#(kind)","retryable":false,"call_id":"c-1","retry_after_ms":1500\#(outcome)}}"#
    }
}
