package import StrictJSON

/// One call, as its line says it; the parameters are still JSON.
public struct Request: Sendable {
    /// The id by which the answer finds the call.
    public let id: RequestID
    /// The name of the method, known or not.
    public let method: String
    /// What the line has as `params`, of any kind; nil when it has none.
    package let params: JSONValue?
}

/// What a line of a caller amounts to.
public enum IncomingLine: Sendable {
    /// A call to be answered.
    case request(Request)
    /// The wish to end the call with this id.
    case cancel(RequestID)
    /// Neither: this answer is to be sent, and nothing else happens.
    case invalid(ProtocolError)

    /// Reads one line as the framer cut it.
    public init(parsing line: [UInt8]) {
        do throws(ProtocolError) {
            self = try Envelope.parse(line)
        } catch {
            self = .invalid(error)
        }
    }

    /// Refuses a last line that no line feed ends, under its id where that is certain.
    public init(unterminated line: [UInt8]) {
        self = .invalid(ProtocolError.unterminatedLine.answering(Envelope.id(ofUnterminated: line)))
    }
}

/// The rules of JSON-RPC 2.0 as a strict profile: which members a line may have and what they must be.
enum Envelope {
    static let cancelMethod = "$/cancel"

    static func parse(_ line: [UInt8]) throws(ProtocolError) -> IncomingLine {
        let root: JSONValue
        var writtenID: JSONValue?
        do throws(JSONSyntaxError) {
            root = try JSONDocument(
                parsing: line,
                maximumDepth: ProtocolLimits.maximumDepth,
                keeping: "id",
                in: &writtenID
            ).root
        } catch {
            // A client that pipelines must learn which of its calls broke; the id is known when it stood before that.
            throw ProtocolError(
                .parseError,
                "the line is not acceptable JSON: \(error)",
                id: writtenID.flatMap { RequestID($0) }
            )
        }
        guard let members = root.members else {
            throw root.kind == .array
                ? ProtocolError(
                    .invalidRequest,
                    "batches are not supported: send one request per line and pipeline the lines"
                )
                : ProtocolError(.invalidRequest, "a line must hold one JSON object")
        }
        return try read(members)
    }

    /// The id of a line that the stream's end cuts off: nil where more of its value could have come, as in `{"id":1`.
    static func id(ofUnterminated line: [UInt8]) -> RequestID? {
        var writtenID: JSONValue?
        do throws(JSONSyntaxError) {
            let root = try JSONDocument(
                parsing: line,
                maximumDepth: ProtocolLimits.maximumDepth,
                keeping: "id",
                in: &writtenID
            ).root
            writtenID = root.kind == .object ? root["id"] : nil
        } catch {
            // What is known of the id stands in `writtenID`.
        }
        return writtenID.flatMap { RequestID($0) }
    }

    private static func read(_ members: JSONMembers) throws(ProtocolError) -> IncomingLine {
        var version: JSONValue?
        var writtenID: JSONValue?
        var method: JSONValue?
        var params: JSONValue?
        var hasUnknownMember = false
        for (key, value) in members {
            if key.matches("jsonrpc") {
                version = value
            } else if key.matches("id") {
                writtenID = value
            } else if key.matches("method") {
                method = value
            } else if key.matches("params") {
                params = value
            } else {
                hasUnknownMember = true
            }
        }
        // The id comes first: every later refusal carries it when it could be read.
        let id = writtenID.flatMap { RequestID($0) }
        if writtenID != nil, id == nil {
            throw ProtocolError(
                .invalidRequest,
                "id must be a string of at most \(ProtocolLimits.maximumIDBytes) bytes or an integer within ±(2^53 - 1) "
                    + "written without fraction, exponent or -0"
            )
        }
        if hasUnknownMember {
            throw ProtocolError(.invalidRequest, "a request has only jsonrpc, id, method and params", id: id)
        }
        guard let version, version.matches("2.0") else {
            throw ProtocolError(.invalidRequest, "jsonrpc must be the string \"2.0\"", id: id)
        }
        guard let method, let name = method.string else {
            throw ProtocolError(.invalidRequest, "method must be a string", id: id)
        }
        if method.matches(cancelMethod) { return .cancel(try cancelled(by: params, id: id)) }
        guard let id else {
            throw ProtocolError(.invalidRequest, "a request needs an id; only \(cancelMethod) is sent without one")
        }
        return .request(Request(id: id, method: name, params: params))
    }

    private static func cancelled(by params: JSONValue?, id: RequestID?) throws(ProtocolError) -> RequestID {
        if let id {
            throw ProtocolError(.invalidRequest, "\(cancelMethod) is a notification and has no id of its own", id: id)
        }
        guard let params, params.kind == .object, params.count == 1,
            let target = params["id"].flatMap({ RequestID($0) })
        else {
            throw ProtocolError(
                .invalidRequest,
                "\(cancelMethod) needs params with the id of the call to end, and nothing else"
            )
        }
        return target
    }
}
