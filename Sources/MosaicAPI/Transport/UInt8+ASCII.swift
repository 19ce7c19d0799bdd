extension UInt8 {
    /// Whether the byte is an unreserved character of RFC 3986, section 2.3.
    var isUnreserved: Bool {
        isASCIILetter || isASCIIDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
            || self == UInt8(ascii: "_") || self == UInt8(ascii: "~")
    }

    /// Whether the byte is `A` to `Z` or `a` to `z`.
    var isASCIILetter: Bool {
        let lowered = self | 0x20
        return lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "z")
    }

    /// Whether the byte is `0` to `9`.
    var isASCIIDigit: Bool {
        self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9")
    }

    /// Whether the byte is a hexadecimal digit of either case.
    var isASCIIHexDigit: Bool {
        let lowered = self | 0x20
        return isASCIIDigit || (lowered >= UInt8(ascii: "a") && lowered <= UInt8(ascii: "f"))
    }

    /// The byte with `A` to `Z` made `a` to `z`.
    var lowercasedASCII: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}
