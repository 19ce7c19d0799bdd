internal import CLinux
internal import Glibc

/// The arguments of a program as bytes, without its name.
package struct ProgramArguments: Sendable, Hashable {
    /// Each argument, without a final NUL.
    package let bytes: [[UInt8]]

    /// Arguments of these bytes.
    package init(_ bytes: [[UInt8]]) {
        self.bytes = bytes
    }

    /// What the kernel gave this process, whether there is a /proc to read it from or not.
    package static let ofProcess = ProgramArguments(
        (0..<Int(clinux_argument_count())).dropFirst().map { index in
            // Sound: the index is below the count; the text ends in NUL, which strlen(3) finds, and is copied.
            let start = unsafe clinux_argument(CInt(index))
            return unsafe Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
        }
    )

    /// The arguments as text for a parser.
    ///
    /// - Parameter isPath: whether the argument at an index is a path, which may be any bytes (``PathText``). Asked only
    ///   about arguments that are not plain text.
    /// - Throws: ``NotUTF8`` for the first argument that is not UTF-8 and no path: repaired, it would be another one.
    package func text(isPath: (Int) -> Bool) throws(NotUTF8) -> [String] {
        var texts: [String] = []
        for (index, argument) in bytes.enumerated() {
            let text = String(validating: argument, as: UTF8.self)
            if let text, PathText.isPlain(text) {
                texts.append(text)
            } else if isPath(index) {
                texts.append(PathText.text(argument))
            } else if let text {
                texts.append(text)
            } else {
                throw NotUTF8(position: index + 1)
            }
        }
        return texts
    }

    /// An argument that is not UTF-8.
    package struct NotUTF8: Error, Hashable, CustomStringConvertible {
        /// Which one, counted from 1.
        package let position: Int

        /// What is wrong and what is allowed; without the argument.
        package var description: String {
            "argument \(position) is not valid UTF-8; allowed: UTF-8, and any bytes in the path of a file"
        }
    }
}
