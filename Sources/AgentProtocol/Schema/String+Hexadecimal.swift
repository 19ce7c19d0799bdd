extension String {
    /// 128 bits as 32 hexadecimal digits, the letters in lower case, the highest digit first.
    package init(hexadecimal high: UInt64, _ low: UInt64) {
        // Sound: exactly the 32 bytes that the buffer has room for are written.
        unsafe self.init(unsafeUninitializedCapacity: 32) { digits in
            for index in 0..<16 {
                let shift = UInt64(60 - 4 * index)
                unsafe digits.initializeElement(at: index, to: Self.digit(high >> shift))
                unsafe digits.initializeElement(at: index + 16, to: Self.digit(low >> shift))
            }
            return 32
        }
    }

    /// The digit of the lowest four bits.
    private static func digit(_ bits: UInt64) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: bits) & 0xF
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
