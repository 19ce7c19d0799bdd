import Foundation
import HTTPTypes
import Synchronization

/// One request as an endpoint's handler sees it: the token checked, the body read, the path decoded.
struct EndpointCall: Sendable {
    let endpoint: Endpoint
    let headers: HTTPFields
    let certificateSource: PeerCertificateSource
    /// `https://127.0.0.1:8443`: how the caller reached the sandbox.
    let origin: String
    /// As it was sent, percent-encoded.
    let path: String
    /// Path parameters, percent-decoded.
    let parameters: [String: String]
    /// Query parameters, form-decoded: `+` is a space, as browsers and HTTP libraries write it.
    let query: [String: String]
    let body: Data
    /// Set on endpoints that want a client token.
    let authorized: AuthorizedClient?
    /// Set on endpoints that want a user's token.
    let authorizedUser: AuthorizedUser?
    /// Where the handler leaves what the request log should show.
    let notes: RequestNotes

    /// The address that was called, without query.
    var url: String { origin + path }

    /// The client whose token was checked.
    var client: AuthorizedClient {
        get throws {
            guard let authorized else { throw APIError.bearer("A client access token is required as bearer token") }
            return authorized
        }
    }

    /// The user whose token was checked.
    var user: AuthorizedUser {
        get throws {
            guard let authorizedUser else { throw APIError.bearer("A user access token is required as bearer token") }
            return authorizedUser
        }
    }

    /// The path parameter of that name.
    func parameter(_ name: String) throws -> String {
        guard let value = parameters[name], !value.isEmpty else {
            throw APIError.messages(400, ["\(name) should not be empty"])
        }
        return value
    }

    /// Whether the body is labelled as that media type, parameters aside.
    func isContentType(_ type: String) -> Bool {
        let label = headers[.contentType] ?? ""
        return label.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased() == type
    }

    /// Reads the JSON body through `read`, collecting every mistake.
    ///
    /// - Parameter refusal: makes the endpoint's own kind of error out of the mistakes.
    /// - Throws: `refusal` for a body that is no JSON object or has wrong members.
    func fields<Value>(
        refusal: ([String]) -> APIError,
        read: (inout RequestFields) -> Value
    ) throws -> Value {
        guard isContentType("application/json") else {
            throw refusal(["the body must be sent as application/json"])
        }
        guard let members = (try? JSONValue(text: body))?.members else {
            throw refusal(["the body must be a JSON object"])
        }
        var fields = RequestFields(members)
        let value = read(&fields)
        notes.unknownFields = fields.unknown
        guard fields.problems.isEmpty else { throw refusal(fields.problems) }
        return value
    }
}

extension EndpointCall {
    /// Reads the query through `read`, collecting every mistake; all values are strings.
    ///
    /// - Throws: 400 in shape A.
    func queryFields<Value>(_ read: (inout RequestFields) -> Value) throws -> Value {
        var fields = RequestFields(query.mapValues(JSONValue.string))
        let value = read(&fields)
        notes.unknownFields = fields.unknown
        guard fields.problems.isEmpty else { throw APIError.messages(400, fields.problems) }
        return value
    }
}

/// Remarks on one request for the request log.
final class RequestNotes: Sendable {
    private let unknown = Mutex<[String]>([])

    /// Members of the body that the endpoint does not know.
    var unknownFields: [String] {
        get { unknown.withLock { $0 } }
        set { unknown.withLock { $0 = newValue } }
    }
}

/// The behaviour of one endpoint.
protocol EndpointHandler: Sendable {
    /// Which endpoint it is.
    var endpoint: Endpoint { get }
    /// Answers a call.
    ///
    /// - Throws: ``APIError`` for a refusal; anything else becomes a 500.
    func respond(to call: EndpointCall) async throws -> Reply
}
