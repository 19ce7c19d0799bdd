import Foundation

/// The built programs under test, found beside the running test bundle.
enum Binaries {
    static let mosaicd = path(of: "mosaicd")
    static let mosaicctl = path(of: "mosaicctl")
    static let mosaicSandbox = path(of: "mosaic-sandbox")

    /// The directory that holds them, for scripts that take it as an argument.
    static let directory = URL(filePath: mosaicd).deletingLastPathComponent().path

    /// The top of the source tree: three levels above this file.
    static let sourceTree = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static func path(of name: String) -> String {
        // The bundle is an executable of its own; argv[0] may say anything, the kernel's link does not.
        let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let directory = URL(filePath: bundle ?? CommandLine.arguments[0]).deletingLastPathComponent()
        return directory.appending(component: name).path
    }
}
