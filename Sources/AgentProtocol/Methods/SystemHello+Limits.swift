extension SystemHello {
    /// The limits in force; every one is at its default unless set.
    public struct Limits: CountsObject, Hashable {
        /// Bytes in a request line without LF and CR.
        public var lineBytes = ProtocolLimits.defaultLineBytes
        /// Bytes in an answer line.
        public var resultBytes = ProtocolLimits.maximumResultBytes
        /// Levels of nesting in a request line.
        public var depth = ProtocolLimits.maximumDepth
        /// Bytes of a request id.
        public var idBytes = ProtocolLimits.maximumIDBytes
        /// Bytes of a password.
        public var passwordBytes = ProtocolLimits.maximumPasswordBytes
        /// Bytes of an identifier.
        public var identifierBytes = ProtocolLimits.maximumIdentifierBytes
        /// Calls of a connection worked on at the same time.
        public var callsInFlight = ProtocolLimits.callsInFlight
        /// Further calls of a connection that wait.
        public var callsParked = ProtocolLimits.parkedCalls
        /// The deadline of a call that names none.
        public var defaultDeadlineMilliseconds = ProtocolLimits.defaultDeadlineMilliseconds
        /// The longest deadline.
        public var deadlineMilliseconds = Int(ProtocolLimits.deadlineMilliseconds.upperBound)
        /// The time for a line from its first byte.
        public var lineMilliseconds = milliseconds(ProtocolLimits.lineTime)
        /// The time for the first line of a connection.
        public var firstLineMilliseconds = milliseconds(ProtocolLimits.firstLineTime)
        /// The time that answers may stay unread.
        public var unreadMilliseconds = milliseconds(ProtocolLimits.unreadTime)
        /// Bytes of answers that may stay unread.
        public var unreadBytes = ProtocolLimits.unreadBytesPerConnection

        /// The default limits.
        public init() {}

        /// The members.
        public static let members: [IntegerMember<Limits>] = [
            IntegerMember("line_bytes", \.lineBytes, "Bytes in a request line without LF and CR."),
            IntegerMember("result_bytes", \.resultBytes, "Bytes in an answer line."),
            IntegerMember("depth", \.depth, "Levels of objects and arrays in a request line."),
            IntegerMember("id_bytes", \.idBytes, "Bytes of a request id."),
            IntegerMember("password_bytes", \.passwordBytes, "Bytes of a password."),
            IntegerMember("identifier_bytes", \.identifierBytes, "Bytes of an identifier."),
            IntegerMember("calls_in_flight", \.callsInFlight, "Calls of a connection worked on at the same time."),
            IntegerMember("calls_parked", \.callsParked, "Further calls of a connection that wait for a place."),
            IntegerMember(
                "default_deadline_ms",
                \.defaultDeadlineMilliseconds,
                "Milliseconds for a call that does not say."
            ),
            IntegerMember("deadline_ms", \.deadlineMilliseconds, "Milliseconds a call may ask for."),
            IntegerMember("line_ms", \.lineMilliseconds, "Milliseconds for a line from its first byte."),
            IntegerMember(
                "first_line_ms",
                \.firstLineMilliseconds,
                "Milliseconds for the first line of a connection."
            ),
            IntegerMember("unread_ms", \.unreadMilliseconds, "Milliseconds that answers may stay unread."),
            IntegerMember("unread_bytes", \.unreadBytes, "Bytes of answers that may stay unread."),
        ]

        private static func milliseconds(_ duration: Duration) -> Int {
            let (seconds, attoseconds) = duration.components
            return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
        }
    }
}
