import Secrets

/// The decoded bytes of a string node.
func decodedString(_ node: JSONNode, in bytes: Span<UInt8>) -> [UInt8] {
    guard node.hasEscapes else {
        // Sound: the buffer is only read, and only inside the closure.
        return unsafe bytes.extracting(Int(node.start) + 1..<Int(node.end) - 1).withUnsafeBufferPointer {
            unsafe Array($0)
        }
    }
    return Array(capacity: Int(node.count)) { output in decodeString(node, in: bytes, into: &output) }
}

/// Writes the decoded bytes of a string node, exactly `node.count` of them.
func decodeString(_ node: JSONNode, in bytes: Span<UInt8>, into output: inout OutputSpan<UInt8>) {
    var position = Int(node.start) + 1
    let end = Int(node.end) - 1
    guard node.hasEscapes else { return output.append(copying: bytes.extracting(position..<end)) }
    while position < end {
        let byte = bytes[position]
        position += 1
        guard byte == UInt8(ascii: "\\") else {
            output.append(byte)
            continue
        }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = hexValue(at: position, in: bytes)
            position += 4
            if 0xD800...0xDBFF ~= scalar {
                // The scanner has made sure that the other half follows as `\uDC00` to `\uDFFF`.
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (hexValue(at: position + 2, in: bytes) - 0xDC00)
                position += 6
            }
            appendScalar(scalar, to: &output)
        default: output.append(escape)
        }
    }
}

private func hexValue(at position: Int, in bytes: Span<UInt8>) -> UInt32 {
    var value: UInt32 = 0
    for index in position..<position + 4 { value = value << 4 | (hexDigitValue(bytes[index]) ?? 0) }
    return value
}

private func appendScalar(_ scalar: UInt32, to output: inout OutputSpan<UInt8>) {
    func continuation(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift) & 0x3F) }
    switch scalar {
    case 0..<0x80:
        output.append(UInt8(scalar))
    case 0x80..<0x800:
        output.append(UInt8(0xC0 | scalar >> 6))
        output.append(continuation(0))
    case 0x800..<0x10000:
        output.append(UInt8(0xE0 | scalar >> 12))
        output.append(continuation(6))
        output.append(continuation(0))
    default:
        output.append(UInt8(0xF0 | scalar >> 18))
        output.append(continuation(12))
        output.append(continuation(6))
        output.append(continuation(0))
    }
}
