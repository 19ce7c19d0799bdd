public import StrictJSON

/// One answer, as a client reads it.
public struct Response: Sendable {
    /// The id of the call it answers; nil when the agent could not tell.
    public let id: RequestID?
    /// The result, still as JSON, or the error.
    public let outcome: Swift.Result<JSONValue, ProtocolError>

    /// Why a line is not an answer.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The line is not acceptable JSON.
        case syntax(JSONSyntaxError)
        /// The line is JSON but not an answer of this protocol.
        case notAnAnswer

        /// A sentence for people.
        public var description: String {
            switch self {
            case .syntax(let error): "the agent's answer is not acceptable JSON: \(error)"
            case .notAnAnswer: "the agent's line is not an answer of this protocol"
            }
        }
    }

    /// Reads one line as the framer cut it; members that are not known are ignored.
    public init(parsing line: [UInt8]) throws(Failure) {
        let root: JSONValue
        do throws(JSONSyntaxError) {
            // Results nest as deep as their methods define, which may exceed what requests are held to.
            root = try JSONDocument(parsing: line, maximumDepth: 64).root
        } catch {
            throw .syntax(error)
        }
        guard let version = root["jsonrpc"], version.matches("2.0"), let writtenID = root["id"] else {
            throw .notAnAnswer
        }
        id = RequestID(writtenID)
        guard id != nil || writtenID.isNull else { throw .notAnAnswer }
        switch (root["result"], root["error"]) {
        case (let result?, nil):
            guard id != nil else { throw .notAnAnswer }
            outcome = .success(result)
        case (nil, let error?):
            guard let error = ProtocolError(error, id: id) else { throw .notAnAnswer }
            outcome = .failure(error)
        default:
            throw .notAnAnswer
        }
    }
}

extension AgentMethod {
    /// Takes the typed result from an answer's JSON; members that are not known are ignored.
    public static func result(from json: JSONValue) throws(SchemaViolation) -> Result {
        try Result(reading: ObjectReader(json))
    }
}
