public import StrictJSON

extension DaemonStatus {
    /// How the units of callers are found out, for access rules and audit records.
    public struct CallerUnitsStatus: WireObject, Hashable {
        /// `peer_pidfd`, `pidfd` or `none`.
        public var method: String
        /// Why they are not, in one word.
        public var reason: String?

        /// The state of the look-ups.
        public init(method: String, reason: String? = nil) {
            self.method = method
            self.reason = reason
        }

        /// The schema of `caller_units`.
        public static let fields: [Field] = [
            .required(
                "method",
                .anyText,
                doc:
                    "`peer_pidfd` (the kernel names the caller's process for certain), `pidfd` (kernels before 6.5: the agent "
                    + "takes hold of it and checks when it began), or `none`: rules with `unit:` or `user_unit:` admit no caller."
            ),
            Field(
                "reason",
                .anyText,
                doc:
                    "Why the method is `none`: `process_hidden` (`ProtectProc=` of the agent's unit, on such a kernel), "
                    + "`no_process_descriptor`, `no_bus`, `time_out` or `systemd_error`."
            ),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            method = try object.text("method")
            reason = try object.optionalText("reason")
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("method", method)
            writer.member("reason", reason)
        }
    }
}
