internal import CSystemd

/// A message of the bus, read from its beginning to its end.
///
/// Safe, because the pointer is to an object of libsystemd that this value alone owns.
@safe struct BusMessage: ~Copyable {
    let pointer: OpaquePointer

    /// Takes over a message.
    @unsafe init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        // Sound: the message is alive and nothing else has it.
        _ = unsafe sd_bus_message_unref(self.pointer)
    }

    /// Adds an argument to a message to be sent. Negative on failure.
    func append(_ argument: SystemBus.Argument) -> CInt {
        switch argument {
        case .number(let number):
            // Sound: a "u" is read from 32 bits, which this has.
            unsafe withUnsafePointer(to: number) { unsafe sd_bus_message_append_basic(self.pointer, Self.number, $0) }
        case .text(let text):
            // Sound: an "s" is read up to its NUL, during the call.
            unsafe text.withCString { unsafe sd_bus_message_append_basic(self.pointer, Self.text, $0) }
        }
    }

    /// The next value, which must be a text (`s`) or the path of an object (`o`).
    func readText(isPath: Bool = false) throws(ServiceManagerError) -> String {
        var text: UnsafePointer<CChar>?
        // Sound: for these types libsystemd fills the one pointer it is given, with a text that lives as long as the message.
        let result = unsafe sd_bus_message_read_basic(self.pointer, isPath ? Self.path : Self.text, &text)
        guard result > 0, let text = unsafe text else { throw .malformed }
        return unsafe String(cString: text)
    }

    /// The next text of an array; nil at its end.
    func readElement() throws(ServiceManagerError) -> String? {
        var text: UnsafePointer<CChar>?
        // Sound: as above.
        let result = unsafe sd_bus_message_read_basic(self.pointer, Self.text, &text)
        guard result >= 0 else { throw .malformed }
        guard result > 0, let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    /// The next value, which must be a variant with a text in it: what a property is told in.
    func readVariantText() throws(ServiceManagerError) -> String {
        guard try self.enter(.variant, of: "s") else { throw .malformed }
        return try self.readText()
    }

    /// The next value, which must be an unsigned number (`u`).
    func readNumber() throws(ServiceManagerError) -> UInt32 {
        var number: UInt32 = 0
        // Sound: for a "u" libsystemd fills the one number it is given.
        guard unsafe sd_bus_message_read_basic(self.pointer, Self.number, &number) > 0 else { throw .malformed }
        return number
    }

    /// Goes into the next value, which must be a container; false where there is none any more.
    func enter(_ container: Container, of contents: String) throws(ServiceManagerError) -> Bool {
        // Sound: the text ends in NUL and is only read during the call.
        let result = unsafe sd_bus_message_enter_container(self.pointer, container.rawValue, contents)
        guard result >= 0 else { throw .malformed }
        return result > 0
    }

    /// Goes out of it again.
    func exit() throws(ServiceManagerError) {
        // Sound: the message is alive.
        guard unsafe sd_bus_message_exit_container(self.pointer) >= 0 else { throw .malformed }
    }

    /// The kinds of values that hold others (`sd_bus_message_enter_container(3)`).
    enum Container: CChar {
        case array = 97  // "a"
        case structure = 114  // "r"
        case variant = 118  // "v"
    }

    private static let number = CChar(UInt8(ascii: "u"))
    private static let text = CChar(UInt8(ascii: "s"))
    private static let path = CChar(UInt8(ascii: "o"))
}
