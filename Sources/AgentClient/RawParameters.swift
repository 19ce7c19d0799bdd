import AgentProtocol
import StrictJSON

/// The parameters of a call that are given as JSON, joined with its metadata.
struct RawParameters {
    let json: JSONText?
    /// How long the agent is asked to take at most; nil if it was not asked to, and the method goes on until it is
    /// cancelled.
    let deadline: Duration?

    /// Parameters of a method.
    ///
    /// - Parameter isOpenEnded: whether it goes on until it is cancelled, unless a deadline is set. The default deadline is
    ///   never written, so it sets none.
    init(_ json: JSONText?, _ metadata: CallMetadata, isOpenEnded: Bool = false) throws(AgentError) {
        let isUnlimited = isOpenEnded && metadata.deadline == CallMetadata().deadline
        let deadlineOfMetadata = isUnlimited ? nil : metadata.deadline
        guard let object = json?.value else {
            self.json = metadata.isDefault ? nil : Self.joined(nil, metadata)
            deadline = deadlineOfMetadata
            return
        }
        guard object.kind == .object else {
            throw AgentError(.invalidRequest, "the parameters must be a JSON object", outcome: .notSent)
        }
        guard let meta = object["meta"] else {
            self.json = metadata.isDefault ? json : Self.joined(object, metadata)
            deadline = deadlineOfMetadata
            return
        }
        guard metadata.isDefault else {
            throw AgentError(
                .invalidRequest,
                "the parameters already have \"meta\": put deadline, client and trace id into that",
                outcome: .notSent
            )
        }
        self.json = json
        guard meta["deadline_ms"] != nil || !isOpenEnded else {
            deadline = nil
            return
        }
        // A deadline that the agent will not accept needs no waiting time of its own.
        let milliseconds = meta["deadline_ms"]?.integer ?? Int64(metadata.deadlineMilliseconds)
        let allowed = ProtocolLimits.deadlineMilliseconds
        deadline = .milliseconds(min(max(milliseconds, allowed.lowerBound), allowed.upperBound))
    }

    private static func joined(_ object: JSONValue?, _ metadata: CallMetadata) -> JSONText {
        JSONText { writer in
            writer.beginObject()
            if let members = object?.members {
                for (key, value) in members {
                    writer.key(key.string ?? "")
                    writer.raw(value.rawText)
                }
            }
            writer.key("meta")
            metadata.encode(to: &writer)
            writer.endObject()
        }
    }
}
