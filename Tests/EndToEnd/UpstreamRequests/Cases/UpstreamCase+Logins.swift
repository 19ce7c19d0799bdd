extension UpstreamCase {
    /// E5, which goes without a bearer token, and E17.
    static let logins: [UpstreamCase] = [
        UpstreamCase(
            "password.authenticate",
            #"{"username":"ann@example.com","password":"p w\"1","username_type":"email","session_id":"s-1","#
                + #""org_id":"o-1","resource":"https://r.example","claims":\#(Verbatim.claims),"#
                + #""client_attributes":\#(Shared.client)}"#,
            "POST /cis/v1/auth/password/authenticate",
            .json(
                #"{"username":"ann@example.com","password":"p w\"1","username_type":"email","session_id":"s-1","#
                    + #""org_id":"o-1","resource":"https://r.example","claims":\#(Verbatim.claims),"#
                    + #""client_attributes":\#(Shared.client)}"#
            ),
            verbatim: [Verbatim.claims],
            answer: Answers.session
        ),
        UpstreamCase(
            "password.authenticate",
            #"{"username":"ann","password":"pw"}"#,
            "POST /cis/v1/auth/password/authenticate",
            .json(#"{"username":"ann","password":"pw"}"#),
            answer: Answers.session
        ),
        UpstreamCase(
            "password.login",
            #"{"username":"ann","password":"pw","redirect_uri":"https://app.example/cb","resource":"https://r.example","#
                + #""require_mfa":true,"claims":\#(Verbatim.claims),"org_id":"o-1"}"#,
            "POST /cis/v1/auth/password/login",
            as: .none,
            .json(
                #"{"username":"ann","password":"pw","client_id":"client-1.example","#
                    + #""redirect_uri":"https://app.example/cb","resource":"https://r.example","require_mfa":true,"#
                    + #""claims":\#(Verbatim.claims),"org_id":"o-1"}"#
            ),
            verbatim: [Verbatim.claims],
            answer: #"{"result":{"url":"https://mosaic.example/go"}}"#
        ),
        UpstreamCase(
            "password.login",
            #"{"email":"ann@example.com","password":"pw","redirect_uri":"https://app.example/cb"}"#,
            "POST /cis/v1/auth/password/login",
            as: .none,
            .json(
                #"{"email":"ann@example.com","password":"pw","client_id":"client-1.example","#
                    + #""redirect_uri":"https://app.example/cb"}"#
            ),
            answer: #"{"result":{"url":"https://mosaic.example/go"}}"#
        ),
        UpstreamCase(
            "password.login",
            #"{"phone_number":"+16175551212","password":"pw","redirect_uri":"https://app.example/cb"}"#,
            "POST /cis/v1/auth/password/login",
            as: .none,
            .json(
                #"{"phone_number":"+16175551212","password":"pw","client_id":"client-1.example","#
                    + #""redirect_uri":"https://app.example/cb"}"#
            ),
            answer: #"{"result":{"url":"https://mosaic.example/go"}}"#
        ),
    ]
}
