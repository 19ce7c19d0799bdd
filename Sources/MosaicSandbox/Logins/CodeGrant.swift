extension SandboxServices {
    /// E1's code grant (RFC 6749, section 4.1.3; PKCE: RFC 7636).
    ///
    /// The scope is always `openid`, and a refresh token is always given: E5 has no member to ask for either.
    func exchange(_ form: FormFields, _ client: ClientRecord) async throws -> Reply {
        for name in ["code", "redirect_uri"] where form[name] == nil {
            throw APIError.oauth(400, "invalid_request", "\(name) is missing")
        }
        let exchange = CodeExchange(
            services: self,
            client: client,
            code: form["code"] ?? "",
            redirectURI: form["redirect_uri"],
            verifier: form["code_verifier"]
        )
        do {
            var members = try await exchange.tokens()
            members["scope"] = "openid"
            return Reply(200, members)
        } catch let refusal as CodeExchange.Rejection {
            throw APIError.oauth(400, "invalid_grant", refusal.reason)
        }
    }
}
