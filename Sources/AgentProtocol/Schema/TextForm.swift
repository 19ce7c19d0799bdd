/// A rule for the text of a string beyond its length.
public struct TextForm: Sendable {
    /// The rule, as what the text "must" do, for messages and the reference.
    public let rule: String
    /// The rule as regular expressions, each of which finds something in the text; together with ``excluded`` and
    /// ``maximumCharacters`` they are the whole rule. For the discovery document, so they are written in what ECMA 262,
    /// Python and RE2 have in common: without look-around and empty classes.
    public let patterns: [String]
    /// Texts that the rule excludes although the patterns fit.
    public let excluded: [String]
    /// The largest number of characters, counted as Unicode scalars; nil where only bytes count.
    public let maximumCharacters: Int?
    /// Whether these bytes, which are valid UTF-8, keep to the rule.
    package let accepts: @Sendable ([UInt8]) -> Bool

    private init(
        rule: String,
        patterns: [String] = [],
        excluded: [String] = [],
        maximumCharacters: Int? = nil,
        accepts: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.rule = rule
        self.patterns = patterns
        self.excluded = excluded
        self.maximumCharacters = maximumCharacters
        self.accepts = accepts
    }

    /// Only ASCII letters, digits, `_`, `-` and `.`: what `approval_data` and names of identifier types may hold.
    public static let plain = TextForm(
        rule: "only have letters, digits, _, - and .",
        patterns: ["^[A-Za-z0-9_.-]*$"]
    ) { bytes in
        bytes.allSatisfy { byte in
            byte.isLetterOrDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    /// Visible ASCII without spaces: what can stand in a header as a bearer token (RFC 6750, section 2.1).
    public static let bearerToken = TextForm(
        rule: "be a token: only visible ASCII characters",
        patterns: ["^[!-~]*$"]
    ) { bytes in
        bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// What can be a segment of a URL's path whatever server reads it: anything but `.` and `..`, whose percent-encoded forms
    /// servers take for steps as well (RFC 3986, section 6.2.2), and without control characters, at which some cut it off.
    public static let pathSegment = TextForm(
        rule: "be another text than . and .., without control characters",
        patterns: [#"^[^\x00-\x1f\x7f]*$"#],
        excluded: Self.steps
    ) { bytes in
        !isStep(bytes) && bytes.allSatisfy { $0 > 0x1F && $0 != 0x7F }
    }

    /// An id that Mosaic has given out and that becomes a segment of a URL's path. Of the visible ASCII characters none is
    /// allowed that separates or encodes parts of a URL: a server that decodes twice would read another path.
    public static let pathID = TextForm(
        rule: "be an id: visible ASCII characters except / \\ % ? # and ;, and not . or ..",
        patterns: ["^[!\"$&'()*+,.0-9:<=>@A-Z\\[\\]^_`a-z{|}~-]*$"],
        excluded: Self.steps
    ) { bytes in
        !isStep(bytes) && bytes.allSatisfy { (0x21...0x7E).contains($0) && !Self.urlSyntax.contains($0) }
    }

    private static let steps = [".", ".."]
    private static let urlSyntax = Array("/\\%?#;".utf8)

    private static func isStep(_ bytes: [UInt8]) -> Bool {
        (1...2).contains(bytes.count) && bytes.allSatisfy { $0 == UInt8(ascii: ".") }
    }

    /// A colour as in `#6981FF` or, shorter, `#68F`.
    public static let hexColor = TextForm(
        rule: "be a colour such as #6981FF",
        patterns: ["^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$"]
    ) { bytes in
        bytes.first == UInt8(ascii: "#") && (bytes.count == 4 || bytes.count == 7)
            && bytes.dropFirst().allSatisfy(\.isHexDigit)
    }

    /// The hash of a target: hexadecimal digits, as many as the schema says.
    public static let targetHash = TextForm(rule: "have only hexadecimal digits", patterns: ["^[0-9A-Fa-f]*$"]) {
        bytes in
        bytes.allSatisfy(\.isHexDigit)
    }

    /// At most so many characters, counted as Unicode scalars.
    public static func characters(_ maximum: Int) -> TextForm {
        TextForm(rule: "have at most \(maximum) characters", maximumCharacters: maximum) { bytes in
            Self.characterCount(bytes) <= maximum
        }
    }

    /// A text message of at most 140 characters that names the places of the code and of the application.
    public static let smsTemplate = TextForm(
        rule: "have at most 140 characters and contain {otp} and {app}",
        patterns: [#"\{otp\}"#, #"\{app\}"#],
        maximumCharacters: 140
    ) { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        return characterCount(bytes) <= 140 && text.contains("{otp}") && text.contains("{app}")
    }

    /// All bytes but the continuations of UTF-8.
    private static func characterCount(_ bytes: [UInt8]) -> Int {
        bytes.count { $0 & 0xC0 != 0x80 }
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(self)
    }

    fileprivate var isLetterOrDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
