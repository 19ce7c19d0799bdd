import Foundation

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
