import Foundation

/// A program that a test runs.
struct Command {
    let status: CInt
    /// Standard output and standard error, in the order written.
    let output: String

    /// Runs it to its end; `environment` replaces the variables of the test process.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: [String: String]? = nil
    ) async throws -> Command {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/output"
            try write("", to: path, mode: 0o600)
            let output = try FileHandle(forWritingTo: URL(filePath: path))
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = arguments
            if let environment { process.environment = environment }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = output
            let status = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do {
                    try process.run()
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
            }
            try output.close()
            let text = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
            return Command(status: status, output: text)
        }
    }
}
