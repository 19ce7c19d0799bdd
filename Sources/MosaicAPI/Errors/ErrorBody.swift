import Secrets
import StrictJSON

/// The body of a refusal, whichever of the six error shapes it has, or none of them.
///
/// - A: `message` is an array of strings, `error_code` a number.
/// - B: `message` is a string, `error_code` a number.
/// - C: `message` is a string, `error_code` a string of digits.
/// - D: `message` is a string, `error_code` a symbol.
/// - E: B with a symbol in `ts_error_code`.
/// - F: OAuth's `error` and `error_description` (RFC 6749, section 5.2).
package struct ErrorBody: Sendable {
    /// Whether there is no body.
    private(set) var isEmpty = false
    /// Whether the body is a JSON object at all. Answers of the network's edge often are not.
    private(set) var isObject = false
    /// Whether the code came as OAuth's `error`.
    private(set) var isOAuth = false
    /// The symbolic code, whichever member it stands in. Unknown ones are kept.
    private(set) var code: String?
    /// The symbol in `error_code` itself.
    private(set) var errorCode: String?
    /// The numeric code, also from a string of digits.
    private(set) var legacyCode: Int?
    /// The message, or the first of several.
    private(set) var message: String?
    /// Whether the message came as a list, as complaints about the form of a request do.
    private(set) var messageIsList = false
    /// All messages, at most 16 of them.
    private(set) var messages: [String] = []
    /// The reset token that some 403 answers carry.
    private(set) var resetToken: Secret?

    /// Longest code and message that are kept, in bytes.
    private static let maximumCodeLength = 64
    private static let maximumMessageLength = 200
    private static let maximumMessages = 16

    /// Reads a body. Never fails: what cannot be read is absent.
    init(_ bytes: [UInt8]) {
        isEmpty = bytes.isEmpty
        guard let root = try? JSONDocument(parsing: bytes, maximumDepth: 16).root, root.kind == .object else { return }
        isObject = true
        readErrorCode(root["error_code"])
        if let symbol = Self.symbol(root["ts_error_code"]) { code = symbol }
        if let symbol = Self.symbol(root["error"]) {
            isOAuth = true
            code = code ?? symbol
        }
        if let list = root["message"]?.elements {
            messageIsList = true
            messages = list.filter { $0.kind == .string }.prefix(Self.maximumMessages).compactMap(Self.shortened)
        } else if let text = (root["message"] ?? root["error_description"]).flatMap(Self.shortened) {
            messages = [text]
        }
        message = messages.first
        if let token = root["reset_token"]?.secret, !token.isEmpty { resetToken = token }
    }

    private mutating func readErrorCode(_ value: JSONValue?) {
        guard let value else { return }
        if let number = value.integer {
            legacyCode = Int(exactly: number)
        } else if let text = value.utf8, !text.isEmpty, text.allSatisfy(\.isASCIIDigit) {
            legacyCode = Int(String(decoding: text, as: UTF8.self))
        } else {
            errorCode = Self.symbol(value)
            code = errorCode
        }
    }

    /// A code of printable ASCII without spaces and of sensible length. Anything else is no symbol.
    private static func symbol(_ value: JSONValue?) -> String? {
        guard let bytes = value?.utf8, (1...maximumCodeLength).contains(bytes.count),
            bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A message cut at the limit, its control characters replaced, so that it stays one harmless line in a log.
    private static func shortened(_ value: JSONValue) -> String? {
        guard let text = value.string, !text.isEmpty else { return nil }
        var short = ""
        for scalar in text.unicodeScalars {
            guard short.utf8.count < maximumMessageLength else { break }
            short.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return short
    }
}
