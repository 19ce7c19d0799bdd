package import ArgumentParser
internal import Glibc
package import Linux

/// What the programs do around the argument parser, so that it holds for each of them.
package enum CommandLineTool {
    /// The narrowest that help texts are laid out for: below the width of its first column the parser traps.
    private static let minimumColumns = 40

    /// Sets the process up. Call it first in a program, before there are other threads.
    package static func prepare() {
        StandardDescriptors.occupyClosed()
        // A reader that goes away is an error of write(2), not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        guard columns.map({ $0 < minimumColumns }) ?? false else { return }
        // Sound: no other thread reads the environment yet.
        unsafe setenv("COLUMNS", "\(minimumColumns)", 1)
    }

    /// The arguments of this process as text for `root`.
    ///
    /// - Parameter textPaths: options whose path has to be UTF-8 because it is told again as text.
    /// - Throws: an argument that is not UTF-8 and no path.
    package static func arguments(
        of root: (some ParsableCommand).Type,
        textPaths: Set<String> = []
    ) throws(ProgramArguments.NotUTF8) -> [String] {
        let arguments = ProgramArguments.ofProcess
        return try arguments.text { index in
            PathArguments(of: root, except: textPaths).isPath(index, in: arguments.bytes)
        }
    }

    /// What ends a program: help or a version for standard output, or a complaint for standard error.
    package struct Exit: Sendable {
        /// Complete lines.
        package let text: String
        /// The exit status; 0 if the text was asked for.
        package let status: Int32

        /// The end that the parser or a command has thrown.
        package init(_ error: any Error, of root: (some ParsableCommand).Type) {
            status = root.exitCode(for: error).rawValue
            let message = root.fullMessage(for: error)
            text = message.isEmpty || message.hasSuffix("\n") ? message : message + "\n"
        }
    }

    /// The width that the parser lays texts out for, where it is known: `COLUMNS`, else the terminal's.
    private static var columns: Int? {
        // Sound: the text is copied before the environment changes.
        if let text = unsafe getenv("COLUMNS").map({ unsafe String(cString: $0) }), let columns = Int(text) {
            return columns
        }
        var size = winsize()
        // Sound: the kernel fills the one structure it is given.
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
