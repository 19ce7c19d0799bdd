import Foundation
import Synchronization
import TestSupport

/// One program run by a test, its output kept in files of the scratch directory.
final class RunningProcess: Sendable {
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let error: String
    }

    private let end: End
    private let exit: AsyncStream<Int32>
    private let outputPath: String
    private let errorPath: String
    let identifier: Int32

    /// Whether the program has ended, told by the thread that waits for it.
    private final class End: Sendable {
        let hasCome = Atomic(false)
    }

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - executable: Its path.
    ///   - arguments: Without the program's name.
    ///   - environment: All of it; nothing is inherited but `PATH` and `HOME`.
    ///   - input: What it reads on standard input, then end of file.
    ///   - label: The stem of the files that take its output.
    init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        label: String,
        in scratch: Scratch
    ) throws {
        let stem = scratch["\(label).\(UInt32.random(in: 0...UInt32.max))"]
        outputPath = stem + ".out"
        errorPath = stem + ".err"
        let inputPath = stem + ".in"
        for (path, text) in [(outputPath, ""), (errorPath, ""), (inputPath, input)] {
            guard
                FileManager.default.createFile(
                    atPath: path,
                    contents: Data(text.utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            else { throw HarnessFailure("cannot make \(path)") }
        }
        defer { try? FileManager.default.removeItem(atPath: inputPath) }

        var all = environment
        for name in ["PATH", "HOME"] where all[name] == nil { all[name] = ProcessInfo.processInfo.environment[name] }
        let handles = [
            try FileHandle(forReadingFrom: URL(filePath: inputPath)),
            try FileHandle(forWritingTo: URL(filePath: outputPath)),
            try FileHandle(forWritingTo: URL(filePath: errorPath)),
        ]
        let process = try ChildProcess(
            executable,
            arguments,
            environment: all,
            directory: scratch.path,
            files: ChildProcess.Files(
                input: handles[0].fileDescriptor,
                output: handles[1].fileDescriptor,
                error: handles[2].fileDescriptor
            )
        )
        for handle in handles { try handle.close() }
        identifier = process.identifier
        let (exit, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.exit = exit
        let end = End()
        self.end = end
        process.whenEnded { status in
            end.hasCome.store(true, ordering: .releasing)
            continuation.yield(status)
            continuation.finish()
        }
    }

    /// Whether the program still runs.
    var isRunning: Bool { !end.hasCome.load(ordering: .acquiring) }

    /// What the program has written to standard output so far.
    var output: String { Self.text(outputPath) }

    /// What the program has written to standard error so far.
    var error: String { Self.text(errorPath) }

    /// Waits for the end of the program; a signal counts as 128 plus its number.
    func outcome() async throws -> Outcome {
        for await status in exit { return Outcome(status: status, output: output, error: error) }
        throw HarnessFailure("the end of process \(identifier) was waited for twice or the test was cancelled")
    }

    /// Sends SIGTERM and waits for the end.
    func terminate() async throws -> Outcome {
        kill(identifier, SIGTERM)
        return try await outcome()
    }

    /// Ends the program at once, if it still runs, without waiting.
    func killNow() { if isRunning { kill(identifier, SIGKILL) } }

    private static func text(_ path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }

    /// Runs a program to its end.
    static func run(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        input: String = "",
        label: String = "run",
        in scratch: Scratch
    ) async throws -> Outcome {
        try await RunningProcess(
            executable,
            arguments,
            environment: environment,
            input: input,
            label: label,
            in: scratch
        ).outcome()
    }
}

/// Waits until `condition` holds, looking again every few milliseconds.
///
/// - Throws: `HarnessFailure` with `what` when it does not hold within `limit`.
func waitUntil(_ what: String, limit: Duration = .seconds(20), _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw HarnessFailure("waited \(limit) in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
