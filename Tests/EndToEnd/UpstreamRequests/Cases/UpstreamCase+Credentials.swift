extension UpstreamCase {
    /// E14, E28–E30. `force_replace` is always sent, since Mosaic takes its absence for true.
    static let credentials: [UpstreamCase] = [
        UpstreamCase(
            "password.check",
            #"{"password":"candidate","username":"ann"}"#,
            "POST /cis/v1/auth/password/validate",
            .json(#"{"password":"candidate","username":"ann"}"#),
            answer: #"{"result":{"valid_password":true,"errors":[]}}"#
        ),
        UpstreamCase(
            "password.check",
            #"{"password":"candidate","email":"ann@example.com"}"#,
            "POST /cis/v1/auth/password/validate",
            .json(#"{"password":"candidate","email":"ann@example.com"}"#),
            answer: #"{"result":{"valid_password":false,"errors":[{"code":"x","message":"too short"}]}}"#
        ),
        UpstreamCase(
            "password.check",
            #"{"password":"candidate","phone_number":"+16175551212"}"#,
            "POST /cis/v1/auth/password/validate",
            .json(#"{"password":"candidate","phone_number":"+16175551212"}"#),
            answer: #"{"result":{"valid_password":true,"errors":[]}}"#
        ),
        UpstreamCase(
            "password.check",
            #"{"password":"candidate"}"#,
            "POST /cis/v1/auth/password/validate",
            .json(#"{"password":"candidate"}"#),
            answer: #"{"result":{"valid_password":true,"errors":[]}}"#
        ),
        UpstreamCase(
            "password.register",
            #"{"user_id":"u-1","password":"first","force_replace":false,"username":"ann","#
                + #""enforce_complexity":false,"device_id":"d-1"}"#,
            "POST /cis/v1/users/u-1/password",
            .json(
                #"{"password":"first","force_replace":false,"username":"ann","enforce_complexity":false,"#
                    + #""device_id":"d-1"}"#
            ),
            answer: Answers.passwordSet,
            status: 201
        ),
        UpstreamCase(
            "password.register",
            #"{"user_id":"u-1","password":"first","force_replace":true}"#,
            "POST /cis/v1/users/u-1/password",
            .json(#"{"password":"first","force_replace":true}"#),
            answer: Answers.passwordSet,
            status: 201
        ),
        UpstreamCase(
            "password.update",
            #"{"user_id":"u-1","password":"next","force_replace":false,"device_id":"d-1"}"#,
            "PUT /cis/v1/users/u-1/password",
            .json(#"{"password":"next","force_replace":false,"device_id":"d-1"}"#),
            answer: Answers.passwordSet
        ),
        UpstreamCase(
            "password.update",
            #"{"user_id":"u-1","password":"next","force_replace":true}"#,
            "PUT /cis/v1/users/u-1/password",
            .json(#"{"password":"next","force_replace":true}"#),
            answer: Answers.passwordSet
        ),
        UpstreamCase(
            "password.register_own",
            #"{"access_token":"user.token","password":"own","username":"ann","device_id":"d-1"}"#,
            "POST /cis/v1/users/me/password-credentials",
            as: .user("user.token"),
            .json(#"{"password":"own","username":"ann","device_id":"d-1"}"#),
            answer: Answers.passwordSet
        ),
        UpstreamCase(
            "password.register_own",
            #"{"access_token":"user.token","password":"own"}"#,
            "POST /cis/v1/users/me/password-credentials",
            as: .user("user.token"),
            .json(#"{"password":"own"}"#),
            answer: Answers.passwordSet
        ),
    ]
}
