/// One key of a section, described once: the reader, the error texts, `--check-config` and the manual all use this.
package struct ConfigurationKey<Value: Sendable>: Sendable {
    /// As written before the `=`.
    package let name: String
    /// How values are written and what is allowed.
    package let syntax: ValueSyntax<Value>
    /// What holds when the key is absent or its last assignment empty, in words; nil if it must be set.
    package let otherwise: String?
    /// What the key does, in whole sentences.
    package let documentation: String

    /// A key without a default value.
    init(_ name: String, _ syntax: ValueSyntax<Value>, otherwise: String?, _ documentation: String) {
        self.name = name
        self.syntax = syntax
        self.otherwise = otherwise
        self.documentation = documentation
    }

    /// The key without its type.
    package var description: KeyDescription {
        description(hasDefaultValue: false)
    }

    fileprivate func description(hasDefaultValue: Bool) -> KeyDescription {
        KeyDescription(
            name: name,
            allowed: syntax.allowed,
            fallback: otherwise,
            hasDefaultValue: hasDefaultValue,
            documentation: documentation
        ) { text throws(BadValue) in
            _ = try syntax.parse(text)
        }
    }
}

/// A key that has a value even when no file sets it.
package struct DefaultedKey<Value: Sendable>: Sendable {
    /// The key.
    package let key: ConfigurationKey<Value>
    /// Its value when it is absent or its last assignment empty.
    package let fallback: Value

    /// A key with a default value, which its description writes as it would stand in the file.
    init(_ name: String, _ syntax: ValueSyntax<Value>, fallback: Value, _ documentation: String) {
        self.key = ConfigurationKey(name, syntax, otherwise: syntax.write(fallback), documentation)
        self.fallback = fallback
    }

    /// As written before the `=`.
    package var name: String { key.name }

    /// The key without its type.
    package var description: KeyDescription { key.description(hasDefaultValue: true) }
}

/// A key as tables of all keys hold it.
package struct KeyDescription: Sendable {
    /// As written before the `=`.
    package let name: String
    /// What is allowed, as a noun phrase.
    package let allowed: String
    /// What holds without a value: the default as it would be written, or words; nil if the key must be set.
    package let fallback: String?
    /// Whether ``fallback`` is a default as it would be written, and not words.
    package let hasDefaultValue: Bool
    /// What the key does, in whole sentences.
    package let documentation: String
    private let checker: @Sendable (String) throws(BadValue) -> Void

    init(
        name: String,
        allowed: String,
        fallback: String?,
        hasDefaultValue: Bool,
        documentation: String,
        checker: @escaping @Sendable (String) throws(BadValue) -> Void
    ) {
        self.name = name
        self.allowed = allowed
        self.fallback = fallback
        self.hasDefaultValue = hasDefaultValue
        self.documentation = documentation
        self.checker = checker
    }

    /// Checks the form of a non-empty value.
    func check(_ value: String) throws(BadValue) {
        try checker(value)
    }
}
