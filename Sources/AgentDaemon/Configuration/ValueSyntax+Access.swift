import AgentProtocol

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

    /// 4294967295 is (uid_t) -1, nobody's number.
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
