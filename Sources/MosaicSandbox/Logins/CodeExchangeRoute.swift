import GRDB

/// E16 (deprecated): `POST /cis/v1/token`. The code of a redirect for tokens, the client's secret in the body.
///
/// Every refusal is 400 in shape A, wrong client credentials too.
struct CodeExchangeRoute: EndpointHandler {
    let endpoint = Endpoint.exchangeCode
    let services: SandboxServices

    func respond(to call: EndpointCall) async throws -> Reply {
        let (code, clientID, secret) = try call.fields {
            .messages(400, $0)
        } read: { fields in
            (
                fields.string("code", required: true, nonEmpty: true, allowsNUL: true) ?? "",
                fields.string("client_id", required: true, nonEmpty: true, maximum: 50) ?? "",
                fields.string("client_secret", required: true, nonEmpty: true, maximum: 50) ?? ""
            )
        }
        guard let client = try await services.authenticator.secretClient(clientID, secret: secret) else {
            throw APIError.messages(400, ["Unknown client or wrong client secret"])
        }
        let exchange = CodeExchange(services: services, client: client, code: code, checksRedirectURI: false)
        do {
            let tokens = try await exchange.tokens()
            var reply = tokens.filter { ["id_token", "access_token", "refresh_token"].contains($0.key) }
            // The sandbox creates no user at login.
            reply["is_user_created"] = false
            return Reply(200, reply)
        } catch let refusal as CodeExchange.Rejection {
            throw APIError.messages(400, [refusal.reason])
        }
    }
}
