extension UpstreamCase {
    private static let id = "client-1.example"
    private static let secret = "the secret of the client"
    private static let grant =
        #"{"access_token":"ua","token_type":"Bearer","expires_in":3600,"id_token":"i","refresh_token":"r","scope":"s"}"#

    /// E1 with the code and refresh grants, E4, E16, E23.
    static let tokens: [UpstreamCase] = [
        UpstreamCase(
            "code.exchange",
            #"{"code":"c/+ 1","redirect_uri":"https://app.example/cb?a=1&b=2","code_verifier":"\#(verifier)"}"#,
            "POST /oidc/token",
            as: .none,
            .form([
                "grant_type": "authorization_code", "code": "c/+ 1", "redirect_uri": "https://app.example/cb?a=1&b=2",
                "code_verifier": verifier, "client_id": id, "client_secret": secret,
            ]),
            verbatim: ["code=c%2F%2B+1&", "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fa%3D1%26b%3D2&"],
            answer: grant
        ),
        UpstreamCase(
            "code.exchange",
            #"{"code":"c-2","redirect_uri":"https://app.example/cb"}"#,
            "POST /oidc/token",
            as: .none,
            .form([
                "grant_type": "authorization_code", "code": "c-2", "redirect_uri": "https://app.example/cb",
                "client_id": id, "client_secret": secret,
            ]),
            answer: grant
        ),
        UpstreamCase(
            "code.exchange",
            #"{"code":"c-3","legacy":true}"#,
            "POST /cis/v1/token",
            as: .none,
            .json(#"{"code":"c-3","client_id":"\#(id)","client_secret":"\#(secret)"}"#),
            answer: #"{"id_token":"i","access_token":"ua","refresh_token":"r","is_user_created":false}"#
        ),
        UpstreamCase(
            "token.refresh",
            #"{"refresh_token":"r/+=1","kind":"oidc"}"#,
            "POST /oidc/token",
            as: .none,
            .form(["grant_type": "refresh_token", "refresh_token": "r/+=1", "client_id": id, "client_secret": secret]),
            verbatim: ["refresh_token=r%2F%2B%3D1&"],
            answer: grant
        ),
        UpstreamCase(
            "token.refresh",
            #"{"refresh_token":"r/+=1","kind":"backend"}"#,
            "POST /cis/v1/auth/token/refresh",
            .json(#"{"refresh_token":"r/+=1"}"#),
            answer: #"{"access_token":"ua","token_type":"Bearer","expires_in":3600}"#
        ),
        UpstreamCase(
            "token.revoke",
            #"{"token":"r/+=1","token_type_hint":"refresh_token"}"#,
            "POST /cis/oidc/token/revocation",
            as: .none,
            .form(["token": "r/+=1", "token_type_hint": "refresh_token", "client_id": id, "client_secret": secret]),
            answer: ""
        ),
        UpstreamCase(
            "token.revoke",
            #"{"token":"r-2"}"#,
            "POST /cis/oidc/token/revocation",
            as: .none,
            .form(["token": "r-2", "client_id": id, "client_secret": secret]),
            answer: ""
        ),
    ]

    /// E2 and E1 with the client-credentials grant: what these two fetch is kept, so that not every call is a request.
    static let kept: [UpstreamCase] = [
        UpstreamCase(
            "token.verify",
            #"{"token":"\#(unknownKey)","token_use":"access","resource":"https://r.example"}"#,
            "GET /cis/oidc/jwks",
            as: .none,
            answer: #"{"keys":[]}"#
        ),
        UpstreamCase(
            "client_token.get",
            #"{"min_valid_s":60,"resource":"https://r.example/a?b=c"}"#,
            "POST /oidc/token",
            as: .none,
            .form([
                "grant_type": "client_credentials", "resource": "https://r.example/a?b=c", "client_id": id,
                "client_secret": secret,
            ]),
            answer: ""
        ),
    ]

    /// `{"alg":"RS256","kid":"k1"}.{"iss":"https://issuer.example"}` and a signature that nobody made.
    private static let unknownKey =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsxIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIn0.AAAA"
    private static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
}
