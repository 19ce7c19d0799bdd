extension OutputSpan where Element == UInt8 {
    /// Appends all bytes of `source` at once.
    ///
    /// - Precondition: There is room for them.
    package mutating func append(copying source: Span<UInt8>) {
        precondition(source.count <= freeCapacity, "an output span has no room for what is appended")
        // Sound: the bytes are within both buffers, and what is behind the initialized part is free to be written.
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            unsafe source.withUnsafeBytes { bytes in
                unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    .copyMemory(from: bytes)
            }
            count += source.count
        }
    }
}
