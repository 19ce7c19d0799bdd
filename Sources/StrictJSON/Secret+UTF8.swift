public import Secrets

extension Secret {
    /// Whether the bytes are valid UTF-8 and can therefore stand in a JSON text.
    ///
    /// Checked without a copy; a program that reads a password from outside asks this before it writes a request.
    public var isUTF8: Bool {
        withBytes { bytes in
            do {
                _ = try UTF8Span(validating: bytes)
                return true
            } catch {
                return false
            }
        }
    }
}
