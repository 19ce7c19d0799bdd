public import StrictJSON

extension DaemonEvent {
    /// A call that has its answer, as its audit record has it; nothing in it is secret.
    public struct FinishedCall: WireObject, Hashable {
        /// The agent's id of the call.
        public var callID: String
        /// The socket it came by.
        public var socket: String
        /// The method.
        public var method: String
        /// The verdict, `ok`, or `error`.
        public var result: String
        /// The kind of error, if it is one.
        public var error: String?
        /// Why, in one word.
        public var reason: String?
        /// Whether a failed call may have had an effect.
        public var outcome: String?
        /// The configured client that acted.
        public var client: String?
        /// The access rule that allowed it.
        public var rule: String?
        /// The caller's user id.
        public var uid: UInt32
        /// The caller's process id.
        public var pid: Int
        /// The caller's unit.
        public var unit: String?
        /// The user it is about, as `MOSAIC_TARGET` has it.
        public var target: String?
        /// The caller's own id of the call.
        public var traceID: String?
        /// The HTTP status of Mosaic's answer.
        public var upstreamStatus: Int?
        /// Microseconds from the call's arrival to the decision.
        public var durationMicroseconds: Int
        /// Whether the answer was a remembered one.
        public var replay = false

        /// A call with what every one has.
        public init(
            callID: String,
            socket: String,
            method: String,
            result: String,
            uid: UInt32,
            pid: Int,
            durationMicroseconds: Int
        ) {
            self.callID = callID
            self.socket = socket
            self.method = method
            self.result = result
            self.uid = uid
            self.pid = pid
            self.durationMicroseconds = durationMicroseconds
        }

        /// The schema of `call`.
        public static let fields: [Field] = [
            .required("call_id", .anyText, doc: "The agent's id of the call (`MOSAIC_CALL_ID`)."),
            .required("socket", .anyText, doc: "`main`, `control` or `credential`."),
            .required("method", .anyText, doc: "The method."),
            .required("result", .anyText, doc: "The verdict, `ok` for a result without one, or `error`."),
            .required("uid", .systemID, doc: "The caller's user id."),
            .required("pid", .count, doc: "The caller's process id when it connected."),
            .required("duration_us", .count, doc: "Microseconds from its arrival to the decision."),
            .required("replay", .boolean, doc: "Whether the answer was the remembered one to a repeated send."),
            Field("error", .anyText, doc: "The kind of error."),
            Field("reason", .anyText, doc: "Why, in one word, also where the caller does not learn it."),
            Field("outcome", .anyText, doc: "Of an error: `not_sent`, `refused` (Mosaic did nothing) or `unknown`."),
            Field("client", .anyText, doc: "The configured client that acted."),
            Field("rule", .anyText, doc: "The access rule that allowed it."),
            Field("unit", .anyText, doc: "The caller's systemd unit, where the agent has found it out."),
            Field(
                "target",
                .anyText,
                doc: "The user it is about, as in the audit trail (`MOSAIC_TARGET`, `daemon.target_hash`)."
            ),
            Field("trace_id", .anyText, doc: "The caller's own id, from `meta.trace_id`."),
            Field("upstream_status", .count, doc: "The HTTP status of Mosaic's answer."),
        ]

        /// Takes the values of the members.
        public init(reading object: ObjectReader) throws(SchemaViolation) {
            self.init(
                callID: try object.text("call_id"),
                socket: try object.text("socket"),
                method: try object.text("method"),
                result: try object.text("result"),
                uid: try object.integer("uid", as: UInt32.self),
                pid: Int(try object.integer("pid")),
                durationMicroseconds: Int(try object.integer("duration_us"))
            )
            replay = try object.boolean("replay")
            error = try object.optionalText("error")
            reason = try object.optionalText("reason")
            outcome = try object.optionalText("outcome")
            client = try object.optionalText("client")
            rule = try object.optionalText("rule")
            unit = try object.optionalText("unit")
            target = try object.optionalText("target")
            traceID = try object.optionalText("trace_id")
            upstreamStatus = try object.optionalInteger("upstream_status").map { Int($0) }
        }

        /// Writes the members.
        public func encodeMembers(to writer: inout JSONWriter) {
            writer.member("call_id", callID)
            writer.member("socket", socket)
            writer.member("method", method)
            writer.member("result", result)
            writer.member("uid", uid)
            writer.member("pid", pid)
            writer.member("duration_us", durationMicroseconds)
            writer.member("replay", replay)
            writer.member("error", error)
            writer.member("reason", reason)
            writer.member("outcome", outcome)
            writer.member("client", client)
            writer.member("rule", rule)
            writer.member("unit", unit)
            writer.member("target", target)
            writer.member("trace_id", traceID)
            writer.member("upstream_status", upstreamStatus)
        }
    }
}
