/// Something that goes wrong on purpose.
///
/// The JSON form is that of `POST /_sandbox/faults`:
///
/// | member | meaning |
/// |---|---|
/// | `endpoints` | required; endpoint numbers (`E17`), classes (`token`, `keys`, `password`, `users`) or `*` |
/// | `action` | required; see ``Action`` |
/// | `status` | for `status` and `edge`: the HTTP status, 400–599; defaults 500 and 502 |
/// | `shape` | for `status`: `A`–`F` of contract 3.7, or a shape outside the contract, see ``Shape``; default `B` |
/// | `code` | for `status` with shape D or F: the code; default `system_error` or `server_error` |
/// | `message` | for `status`: the message |
/// | `challenges` | for `status` and `edge`: an array of `WWW-Authenticate` fields |
/// | `retry_after` | seconds for the `Retry-After` header, on `status` and `edge` |
/// | `kind` | for `unauthorized`: `bearer`, `symbolic` or `bare` |
/// | `latency_ms` | milliseconds to wait before anything else; for `slow_body` the time the body takes |
/// | `phase` | `before` (default: the request has no effect) or `after` (it has its effect, then the answer is replaced) |
/// | `count` | how many requests it hits before it goes away; default: until cleared |
/// | `probability` | the share of requests that it hits, over 0 and up to 1; default: all. One that it misses meets the next fault |
package struct Fault: Sendable, Codable, Equatable {
    /// What happens.
    package enum Action: String, Sendable, Codable, CaseIterable {
        /// Answers with a status and an error body.
        case status
        /// Only waits, then serves the request.
        case latency
        /// Cuts the connection without an answer.
        case reset
        /// Serves the request, but sends the body in small pieces over `latency_ms`.
        case slowBody = "slow_body"
        /// Answers 401 in one of three kinds.
        case unauthorized
        /// Answers as an edge server would, with HTML.
        case edge
        /// Answers 200 with a body that is no JSON.
        case malformed
    }

    /// The three kinds of 401 that one status stands for.
    package enum UnauthorizedKind: String, Sendable, Codable, CaseIterable {
        /// With `WWW-Authenticate: Bearer error="invalid_token"`: the client's token is dead.
        case bearer
        /// With `error_code` `auth_invalid_credentials`: the user's credentials are wrong.
        case symbolic
        /// With neither.
        case bare
    }

    /// The error shapes of contract 3.7, and those that something between client and endpoint answers with.
    package enum Shape: String, Sendable, Codable, CaseIterable {
        case arrayLegacy = "A"
        case scalarLegacy = "B"
        case digits = "C"
        case symbolic = "D"
        case conflict = "E"
        case oauth = "F"
        /// No body.
        case none
        /// Plain text.
        case text
        /// JSON that breaks off.
        case truncated
        /// JSON objects, 50,000 in one another.
        case deep
        /// A JSON array.
        case array
        /// A JSON number.
        case scalar
        /// `{"message": …}`, without a code.
        case bare
        /// `{"statusCode": …, "message": …}`, as gateways say it.
        case gateway
    }

    /// Whether the request takes effect.
    package enum Phase: String, Sendable, Codable, CaseIterable {
        case before
        case after
    }

    /// Assigned when it is added.
    package var id: Int?
    package var endpoints: [String]
    package var action: Action
    package var status: Int?
    package var shape: Shape?
    package var code: String?
    package var message: String?
    package var challenges: [String]?
    package var retryAfter: Int?
    package var kind: UnauthorizedKind?
    package var latencyMilliseconds: Int?
    package var phase: Phase?
    package var count: Int?
    package var probability: Double?

    enum CodingKeys: String, CodingKey {
        case id, endpoints, action, status, shape, code, message, challenges, kind, phase, count, probability
        case retryAfter = "retry_after"
        case latencyMilliseconds = "latency_ms"
    }

    package init(endpoints: [String], action: Action) {
        self.endpoints = endpoints
        self.action = action
    }
}

extension Fault {
    /// Whether it concerns that endpoint.
    package func concerns(_ endpoint: Endpoint) -> Bool {
        endpoints.contains { $0 == "*" || $0 == endpoint.rawValue || $0 == endpoint.class.rawValue }
    }

    /// What is wrong with it, one sentence per member; empty when it can be used.
    package var problems: [String] {
        var problems: [String] = []
        if endpoints.isEmpty { problems.append("endpoints must name at least one endpoint, class or *") }
        for name in endpoints {
            let isKnown =
                name == "*" || Endpoint(rawValue: name) != nil || Endpoint.Class(rawValue: name) != nil
            if !isKnown {
                let known = Endpoint.allCases.map(\.rawValue) + Endpoint.Class.allCases.map(\.rawValue)
                problems.append("endpoints: \(name) is not one of *, \(known.joined(separator: ", "))")
            }
        }
        if let status, !(400...599).contains(status) { problems.append("status must be between 400 and 599") }
        if let latencyMilliseconds, !(0...600_000).contains(latencyMilliseconds) {
            problems.append("latency_ms must be between 0 and 600000")
        }
        if (action == .latency || action == .slowBody) && latencyMilliseconds == nil {
            problems.append("latency_ms is required for \(action.rawValue)")
        }
        if action == .unauthorized && kind == nil {
            problems.append("kind is required for unauthorized: bearer, symbolic or bare")
        }
        if let count, count < 1 { problems.append("count must be at least 1") }
        if let probability, !(probability > 0 && probability <= 1) {
            problems.append("probability must be over 0 and at most 1")
        }
        if let retryAfter, retryAfter < 0 { problems.append("retry_after must not be negative") }
        return problems
    }
}
