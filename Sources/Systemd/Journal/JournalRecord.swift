/// The fields of one journal entry, encoded as the journal takes them: `NAME=value`, any bytes in the value.
package struct JournalRecord: Hashable, Sendable {
    /// All fields, one behind the other.
    private(set) var bytes: [UInt8] = []
    /// Where each field ends in `bytes`.
    private(set) var ends: [Int] = []

    /// An empty record.
    package init() {
        self.bytes.reserveCapacity(512)
        self.ends.reserveCapacity(24)
    }

    /// Adds a field of text. A name that is there already gets one more value.
    package mutating func append(_ name: JournalFieldName, _ value: String) {
        self.append(name, bytes: value.utf8)
    }

    /// Adds a field with a number, in decimal.
    package mutating func append(_ name: JournalFieldName, _ value: some BinaryInteger) {
        self.append(name, bytes: String(value).utf8)
    }

    /// Adds a field of any bytes, line breaks and zeroes included.
    package mutating func append(_ name: JournalFieldName, bytes value: some Sequence<UInt8>) {
        self.bytes.append(contentsOf: name.description.utf8)
        self.bytes.append(UInt8(ascii: "="))
        self.bytes.append(contentsOf: value)
        self.ends.append(self.bytes.count)
    }

    /// Adds the `MESSAGE_ID`.
    package mutating func append(_ id: MessageID) {
        self.append("MESSAGE_ID", id.description)
    }

    /// Adds the `PRIORITY`.
    package mutating func append(_ priority: JournalPriority) {
        self.append("PRIORITY", priority.rawValue)
    }

    /// The fields as they will be sent, for tests: name and value of each, in order.
    package var fields: [(name: String, value: [UInt8])] {
        var start = 0
        return self.ends.map { end in
            let field = self.bytes[start..<end]
            start = end
            let name = field.prefix { $0 != UInt8(ascii: "=") }
            return (String(decoding: name, as: UTF8.self), Array(field.dropFirst(name.count + 1)))
        }
    }
}

/// The severities of syslog(3), which the journal shares.
package enum JournalPriority: UInt8, Sendable {
    /// The system cannot be used.
    case emergency = 0
    /// An administrator must act at once.
    case alert = 1
    /// A part of the program cannot go on.
    case critical = 2
    /// Something failed.
    case error = 3
    /// Something may fail if an administrator does not act.
    case warning = 4
    /// In order, but worth seeing.
    case notice = 5
    /// What happens every day.
    case informational = 6
    /// For those who look for a fault.
    case debug = 7
}
