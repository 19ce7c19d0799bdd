/// Patterns in which `*` stands for any run of bytes, also none; every other byte stands for itself.
enum ByteGlob {
    /// The byte that stands for others.
    static let star = UInt8(ascii: "*")

    /// Whether the value looks like the pattern.
    ///
    /// Matches greedily with one point to come back to: the time is at most the product of the two lengths.
    ///
    /// - Parameter starCovers: which bytes `*` may stand for.
    static func matches(
        _ glob: ArraySlice<UInt8>,
        _ value: ArraySlice<UInt8>,
        starCovers: (UInt8) -> Bool = { _ in true }
    ) -> Bool {
        var glob = glob
        var value = value
        var retry: (glob: ArraySlice<UInt8>, value: ArraySlice<UInt8>)?
        while true {
            if glob.first == star {
                glob = glob.dropFirst()
                retry = (glob, value)
            } else if let byte = value.first, byte == glob.first {
                glob = glob.dropFirst()
                value = value.dropFirst()
            } else if value.isEmpty, glob.isEmpty {
                return true
            } else if let point = retry, let byte = point.value.first, starCovers(byte) {
                glob = point.glob
                value = point.value.dropFirst()
                retry = (glob, value)
            } else {
                return false
            }
        }
    }
}
