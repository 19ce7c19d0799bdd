import AgentProtocol
import ConfigurationFiles
import MosaicAPI
import Systemd

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

extension ValueSyntax where Value == Bool {
    /// systemd's booleans.
    static let boolean = ValueSyntax(
        allowed: "yes or no (also true, false, on, off, 1, 0)",
        parser: { text throws(BadValue) in
            switch text.asciiLowercased {
            case "yes", "true", "on", "1", "y", "t": return true
            case "no", "false", "off", "0", "n", "f": return false
            default: throw BadValue(quoting: text, "is not a boolean")
            }
        },
        writer: { $0 ? "yes" : "no" }
    )
}

extension ValueSyntax where Value == Int {
    /// A decimal number in a range.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        ValueSyntax(
            allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            parser: { text throws(BadValue) in
                guard let number = decimal(text) else { throw BadValue(quoting: text, "is not a whole number") }
                guard range.contains(number) else { throw BadValue(quoting: text, "is out of range") }
                return number
            },
            writer: { String($0) }
        )
    }

    /// A number of bytes in a range, with systemd's binary suffixes K and M.
    static func bytes(_ range: ClosedRange<Int>) -> Self {
        ValueSyntax(
            allowed: "a number of bytes from \(range.lowerBound) to \(range.upperBound), also with the suffix K or M",
            parser: { text throws(BadValue) in
                let factor = text.hasSuffix("K") ? 1 << 10 : text.hasSuffix("M") ? 1 << 20 : 1
                guard let number = decimal(factor == 1 ? text : String(text.dropLast()).trimmedBlanks) else {
                    throw BadValue(quoting: text, "is not a number of bytes")
                }
                let (size, overflow) = number.multipliedReportingOverflow(by: factor)
                guard !overflow, range.contains(size) else { throw BadValue(quoting: text, "is out of range") }
                return size
            },
            writer: { String($0) }
        )
    }

    /// ASCII digits only: `Int.init` would take a sign as well.
    private static func decimal(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}

extension ValueSyntax where Value == Duration {
    /// A time span (systemd.time(7)) in a range.
    static func timeSpan(_ range: ClosedRange<Duration>, example: String) -> Self {
        let bounds = "\(TimeSpan.text(of: range.lowerBound)) to \(TimeSpan.text(of: range.upperBound))"
        return ValueSyntax(
            allowed: "a time span from \(bounds), such as \(example)",
            parser: { text throws(BadValue) in
                guard let span = TimeSpan.parse(text) else { throw BadValue(quoting: text, "is not a time span") }
                guard range.contains(span) else { throw BadValue(quoting: text, "is out of range") }
                return span
            },
            writer: { TimeSpan.text(of: $0) }
        )
    }
}

extension ValueSyntax {
    /// One of some words.
    static func choice(
        _ words: [(word: String, value: Value)],
        isSame: @escaping @Sendable (Value, Value) -> Bool
    ) -> Self {
        ValueSyntax(
            allowed: words.map(\.word).joined(separator: ", "),
            parser: { text throws(BadValue) in
                guard let choice = words.first(where: { $0.word == text }) else {
                    throw BadValue(quoting: text, "is not a choice")
                }
                return choice.value
            },
            writer: { value in words.first { isSame($0.value, value) }?.word ?? "" }
        )
    }
}

extension ValueSyntax where Value: CaseIterable & RawRepresentable & Equatable, Value.RawValue == String {
    /// One of the cases of an enumeration, by its raw value.
    static var cases: Self {
        choice(Value.allCases.map { ($0.rawValue, $0) }, isSame: ==)
    }
}

extension StringProtocol {
    /// The text with A–Z in lower case.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
            as: UTF8.self
        )
    }
}

extension ValueSyntax where Value == String {
    /// An absolute path.
    static let path = absolutePath(quotes: true, allowed: "an absolute path without . and .. in it", maximum: 4_095)

    /// The absolute path of a Unix socket: `sun_path` holds 108 bytes with a final NUL.
    static let socketPath = absolutePath(
        quotes: true,
        allowed: "an absolute path of at most 107 bytes without . and .. in it",
        maximum: 107
    )

    /// The absolute path of a file with a secret. The value is never quoted: it may be the secret itself.
    static let secretPath = absolutePath(
        quotes: false,
        allowed: "an absolute path, without . and .. in it, of a file that holds the secret",
        maximum: 4_095
    )

    /// A client identifier (RFC 6749, appendix A.1).
    static let clientID = identifier("a client identifier")

    /// The name of a key (RFC 7517, section 4.5).
    static let keyID = identifier("the name of a key")

    /// Printable ASCII without spaces.
    private static func identifier(_ noun: String) -> Self {
        ValueSyntax(
            allowed: "1 to 256 printable ASCII characters without spaces",
            parser: { text throws(BadValue) in
                guard text.utf8.count <= 256, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
                    throw BadValue("is not \(noun)")
                }
                return text
            },
            writer: { $0 }
        )
    }

    /// An issuer.
    static let issuer = comparedURL("an issuer")

    /// The audience of an assertion.
    static let audience = comparedURL("an audience")

    /// An URL that is compared byte by byte: kept as it is written once it has the form of one.
    private static func comparedURL(_ noun: String) -> Self {
        ValueSyntax(
            allowed: "an https URL of a host without user name, query and fragment",
            parser: { text throws(BadValue) in
                do { _ = try ServiceURL(text) } catch { throw BadValue("is not \(noun): \(error)") }
                return text
            },
            writer: { $0 }
        )
    }

    /// The text of a service URL, whose value is not quoted: URLs are where passwords get pasted. Whether plain http
    /// is taken depends on another key, so here both are.
    static let url = ValueSyntax(
        allowed: "an https URL of a host without user name, query and fragment",
        parser: { text throws(BadValue) in
            do { _ = try ServiceURL(text, allowInsecureHTTP: true) } catch {
                throw BadValue("is not accepted: \(error)")
            }
            return text
        },
        writer: { $0 }
    )

    private static func absolutePath(quotes: Bool, allowed: String, maximum: Int) -> Self {
        ValueSyntax(
            allowed: allowed,
            parser: { text throws(BadValue) in
                func refuse(_ what: String) -> BadValue {
                    quotes ? BadValue(quoting: text, what) : BadValue(what)
                }
                guard text.utf8.first == UInt8(ascii: "/") else { throw refuse("is not an absolute path") }
                guard text.utf8.count <= maximum else {
                    throw refuse("is \(text.utf8.count) bytes long")
                }
                let parts = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
                guard parts.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
                else {
                    throw refuse("has an empty part, . or .. in it")
                }
                return text
            },
            writer: { $0 }
        )
    }
}

extension ValueSyntax where Value == TransportConfiguration.Proxy {
    /// `http://HOST:PORT`; not quoted, as user names and passwords are what is refused.
    static let proxy = ValueSyntax(
        allowed: "http://HOST:PORT without user name and path",
        parser: { text throws(BadValue) in
            let scheme = "http://"
            guard text.hasPrefix(scheme) else { throw BadValue("does not begin with http://") }
            let url: ServiceURL
            // The form is that of any service URL; only this one is meant to be plain http to another host.
            do { url = try ServiceURL("https://" + text.dropFirst(scheme.count)) } catch {
                throw BadValue("is not accepted: \(error)")
            }
            guard url.path.isEmpty else { throw BadValue("has a path") }
            let digits = text.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            guard !digits.isEmpty, text.utf8.dropLast(digits.count).last == UInt8(ascii: ":") else {
                throw BadValue("has no port")
            }
            return TransportConfiguration.Proxy(host: url.host, port: url.port)
        },
        writer: {
            $0.host.utf8.contains(UInt8(ascii: ":")) ? "http://[\($0.host)]:\($0.port)" : "http://\($0.host):\($0.port)"
        }
    )
}

extension ValueSyntax where Value == ClientSettings.AuthenticationMethod {
    /// The methods of Mosaic. The value is not quoted: it may be a secret in the wrong place.
    static let authentication = ValueSyntax(
        allowed: ClientSettings.AuthenticationMethod.allCases.map(\.rawValue).joined(separator: ", "),
        parser: { text throws(BadValue) in
            guard let method = ClientSettings.AuthenticationMethod(rawValue: text) else {
                throw BadValue("names no authentication method")
            }
            return method
        },
        writer: { $0.rawValue }
    )
}

/// A word of `Match=` before names are looked up.
enum MatchWord: Sendable, Hashable {
    case any
    case uid(UInt32)
    case user(String)
    case gid(UInt32)
    case group(String)
    case unit(UnitPattern)
    case userUnit(UnitPattern)
}

extension ValueSyntax where Value == [String] {
    /// Words separated by white space, none twice.
    static func words(_ what: String) -> Self {
        ValueSyntax(
            allowed: "\(what), separated by spaces, each once",
            parser: { text throws(BadValue) in try distinctWords(text) },
            writer: { WordList.join($0) }
        )
    }

    /// Names of sections.
    static let names = ValueSyntax(
        allowed: "names of [Client NAME] sections, separated by spaces, each once",
        parser: { text throws(BadValue) in
            let words = try distinctWords(text)
            for word in words where !SectionKind.isName(word) {
                throw BadValue(quoting: word, "is not a client's name (\(SectionKind.nameSyntax))")
            }
            return words
        },
        writer: { WordList.join($0) }
    )
}

extension ValueSyntax where Value == [MatchWord] {
    /// Conditions on the caller.
    static let match = ValueSyntax(
        allowed: "uid:NUMBER, user:NAME, gid:NUMBER, group:NAME, unit:PATTERN, user_unit:PATTERN, which must all hold; "
            + "or any alone",
        parser: { text throws(BadValue) in
            var words: [MatchWord] = []
            for word in try distinctWords(text) { words.append(try matchWord(word)) }
            if words.contains(.any), words.count > 1 { throw BadValue("has other words beside any") }
            let users = words.filter { word in
                switch word {
                case .uid, .user: true
                default: false
                }
            }
            if users.count > 1 {
                throw BadValue(
                    "names more than one user, and all words must hold, so it never matches: write one rule for each"
                )
            }
            try checkUnits(words, hasUser: !users.isEmpty)
            return words
        },
        writer: { words in
            WordList.join(
                words.map { word in
                    switch word {
                    case .any: "any"
                    case .uid(let number): "uid:\(number)"
                    case .user(let name): "user:\(name)"
                    case .gid(let number): "gid:\(number)"
                    case .group(let name): "group:\(name)"
                    case .unit(let pattern): "unit:\(pattern)"
                    case .userUnit(let pattern): "user_unit:\(pattern)"
                    }
                }
            )
        }
    )

    private static func matchWord(_ word: String) throws(BadValue) -> MatchWord {
        if word == "any" { return .any }
        guard let colon = word.firstIndex(of: ":") else { throw BadValue(quoting: word, "is not a condition") }
        let value = String(word[word.index(after: colon)...])
        switch word[..<colon] {
        case "uid": return .uid(try number(value, in: word))
        case "gid": return .gid(try number(value, in: word))
        case "user": return .user(try name(value, in: word))
        case "group": return .group(try name(value, in: word))
        case "unit": return .unit(try pattern(value, in: word))
        case "user_unit": return .userUnit(try pattern(value, in: word))
        default: throw BadValue(quoting: word, "is not a condition")
        }
    }

    /// 4294967295 is (uid_t) -1, no user's number.
    private static func number(_ text: String, in word: String) throws(BadValue) -> UInt32 {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt32(text),
            number != .max
        else { throw BadValue(quoting: word, "has no number from 0 to 4294967294 behind its colon") }
        return number
    }

    private static func pattern(_ text: String, in word: String) throws(BadValue) -> UnitPattern {
        do throws(UnitPattern.Mistake) {
            return try UnitPattern(text)
        } catch {
            throw BadValue(quoting: word, "has behind its colon what \(error.what)")
        }
    }

    /// A process is of one unit of each kind, and any user can make a user unit of any name.
    private static func checkUnits(_ words: [MatchWord], hasUser: Bool) throws(BadValue) {
        let units = words.count { if case .unit = $0 { true } else { false } }
        let userUnits = words.count { if case .userUnit = $0 { true } else { false } }
        if units > 1 || userUnits > 1 {
            throw BadValue(
                "names more than one unit, and all words must hold: write one rule for each, or one pattern for all"
            )
        }
        if userUnits > 0, !hasUser {
            throw BadValue(
                "has user_unit: without uid: or user:, and every user can make a unit of that name: say whose it is"
            )
        }
    }

    private static func name(_ text: String, in word: String) throws(BadValue) -> String {
        guard !text.isEmpty else { throw BadValue(quoting: word, "has no name behind its colon") }
        return text
    }
}

extension ValueSyntax where Value == [TargetPattern] {
    /// Limits on the target.
    static let targets = ValueSyntax(
        allowed: "KIND or KIND:PATTERN, separated by spaces, each once; such as email or email:*@example.com",
        parser: { text throws(BadValue) in
            var patterns: [TargetPattern] = []
            for word in try distinctWords(text) {
                guard let colon = word.firstIndex(of: ":") else {
                    patterns.append(TargetPattern(kind: IdentifierKind(word)))
                    continue
                }
                let glob = word[word.index(after: colon)...]
                guard (1...256).contains(glob.utf8.count) else {
                    throw BadValue(quoting: word, "has no pattern of 1 to 256 bytes behind its colon")
                }
                patterns.append(TargetPattern(kind: IdentifierKind(String(word[..<colon])), glob: String(glob)))
            }
            return patterns
        },
        writer: { patterns in
            WordList.join(
                patterns.map { pattern in
                    pattern.glob.map { "\(pattern.kind.name):\(String(decoding: $0, as: UTF8.self))" }
                        ?? pattern.kind.name
                }
            )
        }
    )
}

/// The words of a list, at least one and none twice: that would be a slip, and counting them must be safe.
private func distinctWords(_ text: String) throws(BadValue) -> [String] {
    let words = try WordList.split(text)
    var seen: Set<String> = []
    for word in words where !seen.insert(word).inserted {
        throw BadValue(quoting: word, "is listed twice")
    }
    return words
}
