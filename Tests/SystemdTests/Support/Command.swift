import Foundation
import TestSupport

/// A program that a test runs.
struct Command {
    /// Its exit status; 128 plus the number for a signal.
    let status: CInt
    /// Standard output and standard error, in the order written.
    let output: String

    /// Runs it to its end; `environment` replaces the variables of the test process.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Command {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/output"
            try write("", to: path, mode: 0o600)
            let output = try FileHandle(forWritingTo: URL(filePath: path))
            let descriptor = output.fileDescriptor
            let process = try ChildProcess(
                program,
                arguments,
                environment: environment,
                files: .init(input: FileHandle.nullDevice.fileDescriptor, output: descriptor, error: descriptor)
            )
            let status = await process.status()
            try output.close()
            let text = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            return Command(status: status, output: text)
        }
    }
}
