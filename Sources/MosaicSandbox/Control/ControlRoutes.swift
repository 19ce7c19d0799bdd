import Foundation
import GRDB
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The sandbox's own routes under `/_sandbox/`, outside Mosaic's paths.
///
/// Every request must carry the token of `sandbox.json` in `X-Sandbox-Token`: a web page on the same machine can neither read
/// that file nor send such a header across origins. Bodies and answers are JSON.
///
/// | request | effect |
/// |---|---|
/// | `GET /_sandbox/status` | clock, client, faults and settings at a glance |
/// | `GET`, `PUT /_sandbox/clock` `{"offset_seconds": 900}` | read or set how far the clock is ahead |
/// | `POST /_sandbox/clock/advance` `{"seconds": 900}` | move the clock on |
/// | `POST /_sandbox/tokens/revoke` `{"kind"?: "client"\|"user"\|"reset"\|"all", "token"?: JWT}` | revoke all of a kind (default `client`), or one |
/// | `GET`, `POST /_sandbox/faults`; `DELETE /_sandbox/faults`, `…/faults/{id}` | see ``Fault`` |
/// | `GET`, `PUT /_sandbox/settings` `{"wrong_password_shape": "symbolic"\|"symbolic_400"\|"bare"\|"empty"}` | see ``SandboxSettings`` |
/// | `GET`, `PATCH /_sandbox/preferences` `{"password": {"maxPasswordFailures": 3}}` | login preferences; members are merged, null removes one |
/// | `GET`, `PATCH /_sandbox/client` `{"access_token_ttl"?, "session_expiration"?, "refresh_token_ttl"?, "resources"?, "redirect_uris"?, "roles"?}` | the client's settings |
/// | `GET`, `PUT /_sandbox/client/authentication` `{"method", "jwks"?, "public_key"?, "key_id"?, "ca"?, "subject_dn"?, "certificate"?, "certificate_bound"?}` | how the client authenticates, replaced whole; PEM texts |
/// | `PUT /_sandbox/client/secret` `{"secret"}` | a new secret; the old one stops working |
/// | `POST /_sandbox/users` (E27's body, `status`, `email_verified`, `phone_number_verified`) | add a user; the password policy is not applied |
/// | `GET /_sandbox/users/{user}` | the user, its failure count and lock |
/// | `PUT /_sandbox/users/{user}/status` `{"status": "Disabled"}` | set the state |
/// | `PUT /_sandbox/users/{user}/password` `{"active": false}` | switch the password authenticator |
/// | `POST /_sandbox/users/{user}/unlock` | forget failures and lock |
/// | `POST /_sandbox/users/{user}/detach` | take the user out of the app, leaving it in the tenant |
/// | `GET /_sandbox/requests?after=N`, `DELETE /_sandbox/requests` | counts per endpoint and the newest requests; start again |
/// | `GET /_sandbox/outbox?to=A&after=N&limit=N&wait=S` | mail and SMS that would have been sent, newest first; with `wait` the answer is held back up to so many seconds (at most 60) for a first one |
/// | `POST /_sandbox/authorization-codes` `{"user", "redirect_uri", "code_challenge"?, "code_challenge_method"?}` | a code for E1's code grant, as the hosted login makes them |
/// | `DELETE /_sandbox/outbox` | forget them |
/// | `POST /_sandbox/reset` | begin again: seed users, settings, clock and counts as at the start; see ``StartState`` |
///
/// `{user}` is a user ID, username, email or phone number, percent-encoded.
struct ControlRoutes: Sendable {
    let services: SandboxServices
    let adminToken: String

    /// The header that carries the token.
    static let tokenHeader = "X-Sandbox-Token"

    /// A control route's work: decoded path parameter, query, body members; answers status and JSON.
    typealias Action = @Sendable (ControlCall) async throws -> Reply

    /// Adds the routes.
    func add(to router: Router<SandboxRequestContext>) {
        add(.get, "status", to: router) { _ in try await status() }
        addClockAndTokens(to: router)
        addFaultsAndSettings(to: router)
        addUsers(to: router)
        addClientAuthentication(to: router)
        addOutbox(to: router)
        addAuthorizationCodes(to: router)
        add(.post, "reset", to: router) { _ in
            Reply(200, ["users": .integer(Int64(try await services.reset()))])
        }
        add(.get, "requests", to: router) { call in try requestList(call) }
        add(.delete, "requests", to: router) { _ in
            services.requests.clear()
            return Reply(status: 204, body: nil)
        }
    }

    /// Adds one route behind the token check.
    func add(
        _ method: HTTPRequest.Method,
        _ path: String,
        to router: Router<SandboxRequestContext>,
        action: @escaping Action
    ) {
        router.on(RouterPath("/_sandbox/\(path)"), method: method) { request, context in
            do {
                try authorize(request)
                let call = try await ControlCall(request, context)
                return try await action(call).response
            } catch let error as APIError {
                return Reply(error).response
            } catch {
                context.logger.error("control route failed", metadata: ["error": "\(error)"])
                return Reply(.message(500, "Internal error")).response
            }
        }
    }

    private func authorize(_ request: Request) throws {
        guard let name = HTTPField.Name(Self.tokenHeader), let token = request.headers[name],
            ConstantTime.equal(token, adminToken)
        else {
            throw APIError.message(401, "Send the admin_token of sandbox.json in \(Self.tokenHeader)")
        }
    }
}

/// A request to a control route.
struct ControlCall: Sendable {
    /// The `{user}` or `{id}` of the path, decoded.
    let parameter: String
    let query: [String: String]
    /// Members of the JSON body; empty without a body.
    let body: [String: JSONValue]

    init(_ request: Request, _ context: SandboxRequestContext) async throws {
        let raw = context.parameters.first.map { String($0.value) } ?? ""
        guard let decoded = raw.removingPercentEncoding else {
            throw APIError.message(400, "The path is not valid percent-encoding")
        }
        parameter = decoded
        query = try FormFields.query(request.uri.query)
        guard request.method != .get && request.method != .delete else {
            body = [:]
            return
        }
        let buffer = try await request.body.collect(upTo: EndpointPipeline.maximumBodySize)
        let data = Data(buffer.readableBytesView)
        if data.isEmpty {
            body = [:]
        } else if let members = (try? JSONValue(text: data))?.members {
            body = members
        } else {
            throw APIError.message(400, "The body must be a JSON object")
        }
    }

    /// Reads the body through `read`; 400 with all mistakes, unknown members among them.
    func fields<Value>(_ read: (inout RequestFields) throws -> Value) throws -> Value {
        var fields = RequestFields(body)
        let value = try read(&fields)
        let problems = fields.problems + fields.unknown.map { "\($0) is not known here" }
        guard problems.isEmpty else { throw APIError.messages(400, problems) }
        return value
    }
}

extension ControlRoutes {
    func addClockAndTokens(to router: Router<SandboxRequestContext>) {
        add(.get, "clock", to: router) { _ in clockReply }
        add(.put, "clock", to: router) { call in
            let offset = try call.fields { $0.number("offset_seconds") }
            guard let offset else { throw APIError.message(400, "offset_seconds is required") }
            services.clock.offset = offset
            return clockReply
        }
        add(.post, "clock/advance", to: router) { call in
            let seconds = try call.fields { $0.number("seconds") }
            guard let seconds else { throw APIError.message(400, "seconds is required") }
            services.clock.advance(by: seconds)
            return clockReply
        }
        add(.post, "tokens/revoke", to: router) { call in try await revoke(call) }
    }

    private var clockReply: Reply {
        Reply(
            200,
            [
                "now": .string(services.clock.now.mosaicDateTime), "offset_seconds": .number(services.clock.offset),
            ]
        )
    }

    private enum RevokedKind: String, CaseIterable {
        case client
        case user
        case reset
        case all
    }

    private func revoke(_ call: ControlCall) async throws -> Reply {
        let (kind, token) = try call.fields { fields in
            (fields.oneOf("kind", RevokedKind.self) ?? .client, fields.string("token"))
        }
        let now = services.clock.now
        var tokenID: String?
        if let token {
            guard let found = services.keys.claims(of: token)?["jti"] else {
                throw APIError.message(400, "token is not one of this sandbox's tokens")
            }
            tokenID = found
        }
        let revoked = try await services.store.write { [tokenID] db -> Int in
            if let tokenID {
                try db.execute(
                    sql: "UPDATE issuedToken SET revokedAt = ? WHERE tokenID = ? AND revokedAt IS NULL",
                    arguments: [now, tokenID]
                )
            } else {
                try db.execute(
                    sql: "UPDATE issuedToken SET revokedAt = ? WHERE revokedAt IS NULL AND (? = 'all' OR kind = ?)",
                    arguments: [now, kind.rawValue, kind.rawValue]
                )
            }
            return db.changesCount
        }
        return Reply(200, ["revoked": .integer(Int64(revoked))])
    }
}

extension ControlRoutes {
    func addFaultsAndSettings(to router: Router<SandboxRequestContext>) {
        add(.get, "faults", to: router) { _ in
            Reply(200, ["faults": try JSONValue(encoding: services.faults.all)])
        }
        add(.post, "faults", to: router) { call in try addFault(call) }
        add(.delete, "faults", to: router) { _ in
            Reply(200, ["cleared": .integer(Int64(services.faults.clear()))])
        }
        add(.delete, "faults/{id}", to: router) { call in
            guard let id = Int(call.parameter), services.faults.clear(id: id) == 1 else {
                throw APIError.message(404, "No such fault")
            }
            return Reply(200, ["cleared": 1])
        }
        add(.get, "settings", to: router) { _ in settingsReply }
        add(.put, "settings", to: router) { call in
            let shape = try call.fields { $0.oneOf("wrong_password_shape", SandboxSettings.WrongPasswordShape.self) }
            if let shape { services.settings.wrongPasswordShape = shape }
            return settingsReply
        }
        add(.get, "preferences", to: router) { _ in try await preferences(merging: [:]) }
        add(.patch, "preferences", to: router) { call in try await preferences(merging: call.body) }
        add(.get, "client", to: router) { _ in try await clientSettings() }
        add(.patch, "client", to: router) { call in try await changeClient(call) }
    }

    private var settingsReply: Reply {
        Reply(200, ["wrong_password_shape": .string(services.settings.wrongPasswordShape.rawValue)])
    }

    private func addFault(_ call: ControlCall) throws -> Reply {
        let known: Set<String> = [
            "endpoints", "action", "status", "shape", "code", "message", "challenges", "retry_after", "kind",
            "latency_ms", "phase", "count", "probability",
        ]
        let unknown = call.body.keys.filter { !known.contains($0) }.sorted()
        guard unknown.isEmpty else { throw APIError.messages(400, unknown.map { "\($0) is not known here" }) }
        let fault: Fault
        do {
            fault = try JSONValue.object(call.body).decoded()
        } catch let error as DecodingError {
            throw APIError.messages(400, [Self.sentence(error)])
        }
        guard fault.problems.isEmpty else { throw APIError.messages(400, fault.problems) }
        return Reply(201, ["fault": try JSONValue(encoding: services.faults.add(fault))])
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "\(key.stringValue) is required"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has a value that is not allowed"
        @unknown default: "the fault could not be read"
        }
    }

    /// Merges members into the methods' settings, checks the result and keeps it; null removes a method or a setting.
    private func preferences(merging changes: [String: JSONValue]) async throws -> Reply {
        let appID = services.appID
        let methods = try await services.store.write { db in
            var app = try db.app(appID)
            for (method, change) in changes {
                guard let members = change.members else {
                    guard change == .null else { throw APIError.messages(400, ["\(method) must be an object or null"]) }
                    app.authMethods[method] = nil
                    continue
                }
                var merged = app.authMethods[method]?.members ?? [:]
                for (name, value) in members { merged[name] = value == .null ? nil : value }
                app.authMethods[method] = .object(merged)
            }
            let problems = app.preferenceProblems
            guard problems.isEmpty else { throw APIError.messages(400, problems) }
            try app.update(db)
            return app.authMethods
        }
        return Reply(200, ["auth_methods": .object(methods)])
    }
}

extension ControlRoutes {
    /// Longest time that a request for messages is held back, in seconds.
    static let maximumWait = 60.0

    func addOutbox(to router: Router<SandboxRequestContext>) {
        add(.get, "outbox", to: router) { call in try await messages(call) }
        add(.delete, "outbox", to: router) { _ in
            Reply(200, ["cleared": .integer(Int64(try await services.outbox.clear()))])
        }
    }

    private func messages(_ call: ControlCall) async throws -> Reply {
        var query = Outbox.Query(recipient: call.query["to"])
        query.after = Int64(try number("after", call, 0...Double(Int64.max / 2)) ?? 0)
        query.limit = Int(try number("limit", call, 1...Double(Outbox.capacity)) ?? Double(query.limit))
        let wait = try number("wait", call, 0...Self.maximumWait) ?? 0
        let found = try await services.outbox.messages(query, timeout: .seconds(wait))
        return Reply(200, ["messages": .array(found.map(\.json))])
    }

    private func number(_ name: String, _ call: ControlCall, _ range: ClosedRange<Double>) throws -> Double? {
        guard let text = call.query[name] else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw APIError.message(400, "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
