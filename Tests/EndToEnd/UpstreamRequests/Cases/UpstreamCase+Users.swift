extension UpstreamCase {
    private static let profile =
        #""email":"ann@example.com","phone_number":"+16175551212","username":"ann","external_user_id":"x-1","#
        + #""external_account_id":"y-1","secondary_emails":["b@example.com","c@example.com"],"#
        + #""secondary_phone_numbers":["+16175551213"],"#
        + #""name":{"title":"Dr","first_name":"Ann","middle_name":"B","last_name":"Özil"},"#
        + #""birthday":"2000-01-02T00:00:00Z","address":{"country":"DE","state":"BY","city":"München","#
        + #""street_address":"Weg 1","postal_code":"80331","type":"Home"},"language":"de-DE","#
        + #""picture":"https://p.example/1","custom_data":\#(Verbatim.custom),"custom_app_data":{ },"#
        + #""delegated_access":{"actor_id":"u-2","permissions":["read","write"]}"#

    /// E27, E31–E39.
    static let users: [UpstreamCase] = [
        UpstreamCase(
            "user.create",
            #"{\#(profile),"credentials":{"password":"first","force_replace":false}}"#,
            "POST /cis/v1/users",
            .json(#"{\#(profile),"credentials":{"password":"first","force_replace":false}}"#),
            verbatim: [Verbatim.custom],
            answer: Answers.user,
            status: 201
        ),
        UpstreamCase(
            "user.create",
            #"{"username":"ann"}"#,
            "POST /cis/v1/users",
            .json(#"{"username":"ann"}"#),
            answer: Answers.user,
            status: 201
        ),
        UpstreamCase(
            "user.update",
            #"{"user_id":"u-1",\#(profile),"status":"Disabled"}"#,
            "PUT /cis/v1/users/u-1",
            .json(#"{\#(profile),"status":"Disabled"}"#),
            verbatim: [Verbatim.custom],
            answer: Answers.user
        ),
        UpstreamCase(
            "user.update",
            #"{"user_id":"u-1","status":"Active"}"#,
            "PUT /cis/v1/users/u-1",
            .json(#"{"status":"Active"}"#),
            answer: Answers.user
        ),
        UpstreamCase("user.get", #"{"user_id":"u-1"}"#, "GET /cis/v1/users/u-1", answer: Answers.user),
        UpstreamCase("user.get", #"{"username":"ann"}"#, "GET /cis/v1/users/username/ann", answer: Answers.user),
        UpstreamCase(
            "user.get",
            #"{"email":"ann@example.com"}"#,
            "GET /cis/v1/users/email/ann%40example.com",
            answer: Answers.user
        ),
        UpstreamCase(
            "user.get",
            #"{"phone_number":"+16175551212"}"#,
            "GET /cis/v1/users/phone-number/%2B16175551212",
            answer: Answers.user
        ),
        UpstreamCase(
            "user.get",
            #"{"external_user_id":"x-1"}"#,
            "GET /cis/v1/users/external-user-id/x-1",
            answer: Answers.user
        ),
        UpstreamCase(
            "user.get",
            #"{"identifier_name":"idpIdentifier","identifier_value":"idp|1"}"#,
            "GET /cis/v1/users/identifier?identifier_name=idpIdentifier&identifier_value=idp%7C1",
            answer: Answers.user
        ),
        UpstreamCase(
            "user.search",
            #"{"search":"email eq \"ann@example.com\"","search_prefix":"+49","page_offset":100,"page_limit":200,"#
                + #""sort_field":"last_auth","sort_order":"desc"}"#,
            "GET /cis/v1/users?search=email%20eq%20%22ann%40example.com%22&search_prefix=%2B49&page_offset=100"
                + "&page_limit=200&sort_field=last_auth&sort_order=desc",
            answer: userPage
        ),
        // The agent's own page size, since Mosaic's is unknown and a page must fit into an answer.
        UpstreamCase("user.search", "{}", "GET /cis/v1/users?page_limit=50", answer: userPage),
        UpstreamCase(
            "user.authenticators",
            #"{"user_id":"u-1"}"#,
            "GET /cis/v1/users/u-1/authenticators",
            answer: #"[{"id":"a-1","type":"password","status":"Active","registered_at":"2026-01-02T03:04:05Z"}]"#
        ),
    ]

    private static let userPage =
        #"{"result":[],"total_count":0,"page_info":{"has_next_page":false,"has_previous_page":false}}"#
}
