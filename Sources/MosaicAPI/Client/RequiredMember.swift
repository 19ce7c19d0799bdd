import StrictJSON

/// A member that an answer of Mosaic's must have.
package struct RequiredMember: Sendable {
    /// What its value must be.
    package enum Form: Sendable {
        /// A text that is not empty.
        case text
        /// `Bearer`, in any case.
        case bearer
        /// Seconds, from zero to a billion: a number or, as some token services have it, a text of decimal digits.
        case seconds
        /// `true` or `false`.
        case boolean
        /// An object.
        case object
        /// An array.
        case array
    }

    /// The keys that lead to it, joined with dots; empty for the outermost value.
    let path: String
    /// What it must be.
    let form: Form

    /// The seconds that are taken.
    static let secondsRange = 0..<1e9

    init(_ path: String, _ form: Form) {
        self.path = path
        self.form = form
    }

    /// Whether the answer has it as it must be.
    func isFulfilled(by root: JSONValue) -> Bool {
        var value = root
        for key in path.split(separator: ".") {
            guard let member = value[String(key)] else { return false }
            value = member
        }
        return switch form {
        case .text: value.utf8Count.map { $0 > 0 } ?? false
        case .bearer: TokenType.isBearer(value)
        case .seconds: value.seconds.map { Self.secondsRange.contains($0) } ?? false
        case .boolean: value.boolean != nil
        case .object: value.kind == .object
        case .array: value.kind == .array
        }
    }
}

extension JSONValue {
    /// A number, or a text of decimal digits with or without a fraction: `3600`, `"3600"`, `"3600.0"`.
    var seconds: Double? {
        if let integer { return Double(integer) }
        guard kind == .string else { return number }
        guard let text = utf8, (1...20).contains(text.count) else { return nil }
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCIIDigit) }) else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }
}

/// Says how an answer breaks the contract, in words free of its content.
enum ContractBreach {
    /// What is wrong with the answer: its encoding, its form, or the first member that is missing or of another type.
    static func description(of response: UpstreamResponse, lacking members: [RequiredMember]) -> String {
        if let encoding = response.contentEncoding, !encoding.isEmpty, encoding.lowercased() != "identity" {
            return "the body has a Content-Encoding although none was asked for"
        }
        if response.body.isEmpty { return "the body is empty" }
        guard let root = UpstreamJSON.root(of: response.body) else { return "the body is not JSON" }
        let wrong = members.first { !$0.isFulfilled(by: root) }
        guard let wrong else { return "the body has an unexpected form" }
        if wrong.path.isEmpty { return "the body is not an \(wrong.form == .array ? "array" : "object")" }
        return "\(wrong.path) is missing or not \(wrong.form.words)"
    }
}

extension RequiredMember.Form {
    fileprivate var words: String {
        switch self {
        case .text: "a text"
        case .bearer: "Bearer"
        case .seconds: "a number of seconds"
        case .boolean: "true or false"
        case .object: "an object"
        case .array: "an array"
        }
    }
}
