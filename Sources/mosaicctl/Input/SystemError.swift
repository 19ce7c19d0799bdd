import Glibc

/// The message of an errno value, as strerror(3) gives it.
func systemErrorText(_ code: Int32) -> String {
    // The longest message of glibc has about 50 bytes; a buffer that is too small would only shorten the text.
    var text = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &text, text.count) == 0 else { return "error \(code)" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
