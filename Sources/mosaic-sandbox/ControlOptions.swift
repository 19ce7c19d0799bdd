import ArgumentParser
import Foundation
import Linux
import MosaicSandbox

/// The options that every control command shares.
struct ControlOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "State directory of the running sandbox.",
            discussion: "Default: $XDG_RUNTIME_DIR/mosaic-sandbox, else /tmp/mosaic-sandbox-UID.",
            valueName: "directory"
        )
    )
    var state: String?

    /// The state directory that is meant.
    var directory: StateDirectory { state.map(StateDirectory.init(path:)) ?? .standard }

    /// Sends one request to the control routes; a failure becomes a message and exit status 1.
    func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        do {
            return try await ControlClient(state: directory).send(method, path, body)
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// A failure to report as `Error: …` with exit status 1.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ error: any Error) { description = "\(error)" }
    init(_ description: String) { self.description = description }
}

/// Prints a value as JSON text on stdout.
func printJSON(_ value: JSONValue) throws(StandardOutput.Failure) {
    try StandardOutput.write(value.prettyText + "\n")
}

/// The content of a file that is named on the command line; `-` is standard input.
///
/// - Throws: ``CommandFailure``.
func content(of file: String) throws(CommandFailure) -> Data {
    let isInput = file == "-"
    let descriptor = isInput ? STDIN_FILENO : PathText.withCString(file) { unsafe open($0, O_RDONLY | O_CLOEXEC) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: !isInput && descriptor >= 0)
    guard descriptor >= 0, let content = try? handle.readToEnd() ?? Data() else {
        throw CommandFailure("cannot read \(isInput ? "standard input" : PathText.printable(file))")
    }
    return content
}
