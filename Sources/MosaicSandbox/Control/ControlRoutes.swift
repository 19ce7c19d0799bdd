import Foundation
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
