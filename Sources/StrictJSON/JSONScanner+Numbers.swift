extension JSONScanner {
    /// Scans a number by RFC 8259's grammar; its size is not looked at.
    mutating func scanNumber() throws(JSONSyntaxError) {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let hasLeadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = skipDigits()
        guard integerDigits > 0, !hasLeadingZero || integerDigits == 1 else {
            throw JSONSyntaxError(.invalidNumber, at: position)
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw JSONSyntaxError(.invalidNumber, at: position) }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits() > 0 else { throw JSONSyntaxError(.invalidNumber, at: position) }
        }
        append(.number, from: start, count: 0, hasEscapes: false)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }
}
