extension WireCase {
    /// E17.
    static let logins: [WireCase] = [
        WireCase(
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
        WireCase(
            "password.authenticate",
            #"{"username":"ann","password":"pw"}"#,
            "POST /cis/v1/auth/password/authenticate",
            .json(#"{"username":"ann","password":"pw"}"#),
            answer: Answers.session
        ),
    ]
}
