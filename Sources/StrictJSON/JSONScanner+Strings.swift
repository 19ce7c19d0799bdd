extension JSONScanner {
    /// Scans a string from its opening quote to behind its closing one and counts its decoded bytes.
    mutating func scanString() throws(JSONSyntaxError) {
        let start = position
        position += 1
        // Bytes of the text that decoding saves: 1 for `\n`, 3 for `\u20AC`, and so on.
        var saved = 0
        var hasEscapes = false
        var isReadable = true
        while true {
            skipPlainText()
            let byte = try currentByte()
            if byte >= 0x80 {
                if try !scanMultibyteScalar() { isReadable = false }
            } else if byte == UInt8(ascii: "\"") {
                position += 1
                break
            } else if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                if let count = try scanEscape() { saved += count } else { isReadable = false }
            } else {
                try passOver(.controlCharacter, at: position)
                isReadable = false
                position += 1
            }
        }
        append(
            isReadable ? .string : .unreadable,
            from: start,
            count: isReadable ? position - start - 2 - saved : 0,
            hasEscapes: hasEscapes
        )
    }

    /// Moves over what stands for itself in a string and is ASCII.
    private mutating func skipPlainText() {
        let start = position
        // Sound: the buffer is only read, and only inside the closure.
        position = unsafe bytes.withUnsafeBytes { unsafe PlainText.endOfASCII(in: $0, from: start) }
    }

    /// Throws unless the scanner is tolerant.
    private func passOver(_ reason: JSONSyntaxError.Reason, at offset: Int) throws(JSONSyntaxError) {
        guard isTolerant else { throw JSONSyntaxError(reason, at: offset) }
    }

    /// Scans an escape, with a surrogate pair both halves; returns how many bytes shorter it decodes, or nil for half a pair.
    private mutating func scanEscape() throws(JSONSyntaxError) -> Int? {
        let start = position
        position += 1
        switch try currentByte() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
            return 1
        case UInt8(ascii: "u"):
            position += 1
            let unit = try scanFourHexDigits(of: start)
            switch unit {
            case 0xD800...0xDBFF:
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else {
                    try passOver(.loneSurrogate, at: start)
                    return nil
                }
                position += 2
                guard 0xDC00...0xDFFF ~= (try scanFourHexDigits(of: start)) else {
                    try passOver(.loneSurrogate, at: start)
                    return nil
                }
                return 8
            case 0xDC00...0xDFFF:
                try passOver(.loneSurrogate, at: start)
                return nil
            default:
                return unit < 0x80 ? 5 : unit < 0x800 ? 4 : 3
            }
        default:
            throw JSONSyntaxError(.invalidEscape, at: start)
        }
    }

    private mutating func scanFourHexDigits(of escape: Int) throws(JSONSyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = hexDigitValue(try currentByte()) else {
                throw JSONSyntaxError(.invalidEscape, at: escape)
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    /// Scans one scalar of two to four bytes by the table of RFC 3629 §4, which leaves no room for overlong forms,
    /// surrogates or anything above U+10FFFF. False when there is none and a byte was passed over.
    private mutating func scanMultibyteScalar() throws(JSONSyntaxError) -> Bool {
        let length: Int
        let second: ClosedRange<UInt8>
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: (length, second) = (.max, 0...0)
        }
        let isScalar =
            length <= bytes.count - position && second ~= bytes[position + 1]
            && (2..<max(length, 2)).allSatisfy { bytes[position + $0] & 0xC0 == 0x80 }
        if !isScalar { try passOver(.invalidUTF8, at: position) }
        position += isScalar ? length : 1
        return isScalar
    }
}

/// The value of an ASCII hexadecimal digit.
func hexDigitValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
}
