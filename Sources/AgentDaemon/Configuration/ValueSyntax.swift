import ConfigurationFiles

/// How the values of a key are written, checked and shown: one description for the reader, the error texts and the
/// documentation.
package struct ValueSyntax<Value: Sendable>: Sendable {
    /// What is allowed, as a noun phrase with the range: `a time span from 10ms to 10s, such as 400ms`.
    package let allowed: String
    private let parser: @Sendable (String) throws(BadValue) -> Value
    private let writer: @Sendable (Value) -> String

    /// A syntax.
    ///
    /// - Parameters:
    ///   - allowed: what is allowed, as a noun phrase.
    ///   - parser: reads a non-empty trimmed value.
    ///   - writer: writes a value so that the parser reads the same; for defaults in the documentation.
    init(
        allowed: String,
        parser: @escaping @Sendable (String) throws(BadValue) -> Value,
        writer: @escaping @Sendable (Value) -> String
    ) {
        self.allowed = allowed
        self.parser = parser
        self.writer = writer
    }

    /// Reads a non-empty value.
    package func parse(_ text: String) throws(BadValue) -> Value {
        try parser(text)
    }

    /// Writes a value as it would stand in the file.
    package func write(_ value: Value) -> String {
        writer(value)
    }
}

/// Why a value was refused, as a phrase that follows the key: `"maybe" is not a boolean`.
package struct BadValue: Error, Hashable {
    /// What is wrong.
    package let what: String

    /// Refuses a value with this phrase, which must not quote anything that could be a secret.
    init(_ what: String) {
        self.what = what
    }

    /// Refuses a value that is safe to quote.
    init(quoting value: some StringProtocol, _ rest: String) {
        self.what = "\"\(value.printable)\" \(rest)"
    }
}
