import AgentProtocol
import StrictJSON

/// One line from the agent.
enum AnswerLine: Sendable {
    /// The answer to a call, or an error that concerns the connection.
    case answer(Response)
    /// An event of a watch.
    case event(DaemonEvent)
    /// Another notification; none is of use to this client, and future ones must not disturb it.
    case notification

    /// The most bytes of a line: a result of the largest size and its envelope.
    static let maximumBytes = ProtocolLimits.maximumResultBytes + 1024

    /// Reads a line without its LF.
    ///
    /// - Throws: `AgentError` with `.protocolViolation`, which shows none of the line.
    init(parsing line: [UInt8]) throws(AgentError) {
        do throws(Response.Failure) {
            self = .answer(try Response(parsing: line))
        } catch {
            guard error == .notAnAnswer, let notification = Self.notification(line) else {
                throw Self.violation("a line that is no answer (\(error))")
            }
            self = try Self.notification(notification)
        }
    }

    private static func notification(_ line: [UInt8]) -> JSONValue? {
        guard let root = try? JSONDocument(parsing: line, maximumDepth: 64).root,
            root["jsonrpc"]?.matches("2.0") == true, root["method"]?.kind == .string, root["id"] == nil
        else { return nil }
        return root
    }

    private static func notification(_ json: JSONValue) throws(AgentError) -> AnswerLine {
        do throws(SchemaViolation) {
            return try DaemonEvent(notification: json).map { .event($0) } ?? .notification
        } catch {
            throw violation("an event that is none (\(error))")
        }
    }

    /// What the agent sent, as an error.
    static func violation(_ what: String) -> AgentError {
        AgentError(.protocolViolation, "the agent sent \(what); the connection was closed")
    }
}
