extension UpstreamCase {
    /// E15, E22, E24–E26.
    static let sessions: [UpstreamCase] = [
        UpstreamCase(
            "session.authenticate",
            #"{"session_id":"s-1","resource":"https://r.example","org_id":"o-1","claims":\#(Verbatim.claims),"#
                + #""client_attributes":\#(Shared.client),"device_id":"d-1"}"#,
            "POST /cis/v1/auth/session/authenticate",
            .json(
                #"{"session_id":"s-1","resource":"https://r.example","org_id":"o-1","claims":\#(Verbatim.claims),"#
                    + #""client_attributes":\#(Shared.client),"device_id":"d-1"}"#
            ),
            verbatim: [Verbatim.claims],
            answer: Answers.session
        ),
        UpstreamCase(
            "session.authenticate",
            #"{"session_id":"s-1"}"#,
            "POST /cis/v1/auth/session/authenticate",
            .json(#"{"session_id":"s-1"}"#),
            answer: Answers.session
        ),
        UpstreamCase(
            "session.logout",
            #"{"session_id":"s-1"}"#,
            "POST /cis/v1/auth/session/logout",
            .json(#"{"session_id":"s-1"}"#),
            answer: "",
            status: 204
        ),
        UpstreamCase(
            "session.list",
            #"{"user_id":"u-1"}"#,
            "GET /cis/v1/auth/users/u-1/sessions",
            answer:
                #"[{"session_id":"s-1","start_time":"2026-01-02T03:04:05Z","expiration_time":"2026-01-16T03:04:05Z"}]"#
        ),
        UpstreamCase(
            "session.revoke",
            #"{"user_id":"u-1"}"#,
            "DELETE /cis/v1/auth/users/u-1/sessions",
            answer: "",
            status: 204
        ),
        UpstreamCase(
            "user.logout",
            #"{"access_token":"user.token"}"#,
            "POST /cis/v1/auth/logout",
            as: .user("user.token"),
            answer: #"{"sessions_count":1}"#
        ),
    ]
}
