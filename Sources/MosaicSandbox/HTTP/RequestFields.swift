import Foundation

/// The members of a JSON request body, read one by one with type checks.
///
/// All mistakes are collected, so that one answer can name them all. Members that no endpoint asked for are kept in
/// ``unknown``: Mosaic is taken to ignore them, and the request log shows them to tests.
struct RequestFields: Sendable {
    private let members: [String: JSONValue]
    private let path: String
    private var asked: Set<String> = []
    private var unknownInside: [String] = []
    /// What is wrong with the body so far, one sentence per field, naming the field.
    private(set) var problems: [String] = []

    /// Wraps an object; `path` is put before the names in problems (`credentials.`).
    init(_ members: [String: JSONValue], path: String = "") {
        self.members = members
        self.path = path
    }

    /// The names that were sent but never asked for.
    var unknown: [String] { (members.keys.filter { !asked.contains($0) }.map { path + $0 } + unknownInside).sorted() }

    /// Whether the body has this member with a value other than null.
    mutating func has(_ name: String) -> Bool { value(name) != nil }

    /// A string; `nonEmpty` also refuses "", `maximum` counts characters as JSON Schema does, by code points.
    ///
    /// - Parameter allowsNUL: only for what is compared by its bytes or looked up, never stored as a text: passwords, codes,
    ///   identifiers. The database would end a text at its first NUL.
    mutating func string(
        _ name: String,
        required: Bool = false,
        nonEmpty: Bool = false,
        maximum: Int? = nil,
        allowsNUL: Bool = false
    ) -> String? {
        guard let value = value(name) else {
            if required { problems.append("\(path)\(name) is required and must be a string") }
            return nil
        }
        guard let string = value.string else {
            problems.append("\(path)\(name) must be a string")
            return nil
        }
        if nonEmpty && string.isEmpty {
            problems.append("\(path)\(name) should not be empty")
            return nil
        }
        if !allowsNUL && !string.isStorable {
            problems.append("\(path)\(name) must not contain the character NUL")
            return nil
        }
        if let maximum, string.unicodeScalars.count > maximum {
            problems.append("\(path)\(name) must be shorter than or equal to \(maximum) characters")
            return nil
        }
        return string
    }

    /// A boolean.
    mutating func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let boolean = value.boolean else {
            problems.append("\(path)\(name) must be a boolean value")
            return nil
        }
        return boolean
    }

    /// A number.
    mutating func number(_ name: String) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.number else {
            problems.append("\(path)\(name) must be a number")
            return nil
        }
        return number
    }

    /// A whole number written as text, as query parameters are.
    mutating func integerText(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = string(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            problems.append(
                range.upperBound == .max
                    ? "\(path)\(name) must be a whole number not less than \(range.lowerBound)"
                    : "\(path)\(name) must be a whole number between \(range.lowerBound) and \(range.upperBound)"
            )
            return nil
        }
        return number
    }

    /// One of a closed set of strings.
    mutating func oneOf<Value: RawRepresentable & CaseIterable>(_ name: String, _ type: Value.Type) -> Value?
    where Value.RawValue == String {
        guard let text = string(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            problems.append(
                "\(path)\(name) must be one of the following values: "
                    + Value.allCases.map(\.rawValue).joined(separator: ", ")
            )
            return nil
        }
        return value
    }

    /// An object, as fields of its own.
    mutating func object(_ name: String) -> RequestFields? {
        guard let value = value(name) else { return nil }
        guard let members = value.members else {
            problems.append("\(path)\(name) must be an object")
            return nil
        }
        return RequestFields(members, path: "\(path)\(name).")
    }

    /// An object whose members are the caller's own business.
    mutating func freeObject(_ name: String) -> [String: JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let members = value.members else {
            problems.append("\(path)\(name) must be an object")
            return nil
        }
        return members
    }

    /// An object of claims to put into tokens, in the form of OpenID Connect's `claims` parameter (contract 3.10).
    ///
    /// Under `id_token`, `access_token` and `userinfo` stand objects of claims; a claim is null, or an object: `fields`
    /// picks members of custom data, `essential`, `value` and `values` are OpenID Connect's.
    mutating func claims(_ name: String) -> [String: JSONValue]? {
        guard let members = freeObject(name) else { return nil }
        for token in ["id_token", "access_token", "userinfo"] {
            guard let wanted = members[token], wanted != .null else { continue }
            guard let claims = wanted.members else {
                problems.append("\(path)\(name).\(token) must be an object")
                continue
            }
            for (claim, request) in claims.sorted(by: { $0.key < $1.key }) where !Self.isClaimRequest(request) {
                problems.append(
                    "\(path)\(name).\(token).\(claim) must be null or an object with fields, essential, value or values"
                )
            }
        }
        return members
    }

    private static func isClaimRequest(_ request: JSONValue) -> Bool {
        guard request != .null else { return true }
        guard let members = request.members else { return false }
        if let fields = members["fields"] {
            guard let names = fields.elements, names.allSatisfy({ $0.string != nil }) else { return false }
        }
        if let essential = members["essential"], essential.boolean == nil { return false }
        if let values = members["values"], values.elements == nil { return false }
        return true
    }

    /// An array of strings.
    mutating func strings(_ name: String) -> [String]? {
        guard let value = value(name) else { return nil }
        let strings = value.elements?.compactMap(\.string)
        guard let strings, strings.count == value.elements?.count else {
            problems.append("\(path)\(name) must be an array of strings")
            return nil
        }
        guard strings.allSatisfy(\.isStorable) else {
            problems.append("each value in \(path)\(name) must not contain the character NUL")
            return nil
        }
        return strings
    }

    /// An array whose elements are the caller's own business.
    mutating func array(_ name: String) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.elements else {
            problems.append("\(path)\(name) must be an array")
            return nil
        }
        return elements
    }

    /// Adds a problem that a rule found.
    mutating func report(_ problem: String) { problems.append(problem) }

    /// Takes over what a nested object found.
    mutating func absorb(_ nested: RequestFields) {
        problems += nested.problems
        unknownInside += nested.unknown
    }

    private mutating func value(_ name: String) -> JSONValue? {
        asked.insert(name)
        guard let value = members[name], value != .null else { return nil }
        return value
    }
}

/// The fields of an `application/x-www-form-urlencoded` body, as OAuth wants them read (RFC 6749, section 3.2 and appendix B):
/// a field without a value counts as absent, and a field given twice is an error.
struct FormFields: Sendable {
    private var values: [String: String] = [:]
    /// Names of the fields that were given more than once.
    private(set) var repeated: Set<String> = []

    /// Reads the body; nil when it is not valid percent-encoded UTF-8 without NUL.
    init?(body: Data) {
        guard let text = String(validating: body, as: UTF8.self) else { return nil }
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = Self.decode(parts.count == 2 ? parts[1] : "") else {
                return nil
            }
            // None of OAuth's fields has a NUL (RFC 6749, appendix A).
            guard value.isStorable else { return nil }
            if value.isEmpty { continue }
            if values.updateValue(value, forKey: name) != nil { repeated.insert(name) }
        }
    }

    /// The parameters of a query, form-decoded as URLs are everywhere (WHATWG URL, section 5.1); of a repeated one the last counts.
    ///
    /// - Throws: 400 in shape A for a malformed escape or bytes that are not UTF-8.
    static func query(_ text: String?) throws(APIError) -> [String: String] {
        var values: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(parts[0]), let value = decode(parts.count == 2 ? parts[1] : "") else {
                throw APIError.messages(400, ["the query is not valid percent-encoded UTF-8"])
            }
            values[name] = value
        }
        return values
    }

    /// The value of the field, nil when absent or empty.
    subscript(name: String) -> String? { values[name] }

    /// All names that had a value.
    var names: Set<String> { Set(values.keys) }

    /// Decodes one form-encoded component; nil when an escape is malformed or the bytes are not UTF-8.
    static func decode(_ text: some StringProtocol) -> String? {
        String(text).replacing("+", with: " ").removingPercentEncoding
    }
}
