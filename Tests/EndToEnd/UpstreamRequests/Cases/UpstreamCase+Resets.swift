extension UpstreamCase {
    /// E6–E13. E12 and E13 go without a bearer token: what is in the body must do.
    static let resets: [UpstreamCase] = [
        UpstreamCase(
            "reset.send_email_link",
            #"{"email":"ann@example.com","redirect_uri":"https://app.example/reset","prev_reset_token":"t-1","#
                + #""ignore_mfa":true,"email_content":\#(Shared.mail)}"#,
            "POST /cis/v1/auth/password/reset/email/link",
            .json(
                #"{"email":"ann@example.com","redirect_uri":"https://app.example/reset","prev_reset_token":"t-1","#
                    + #""ignore_mfa":true,"email_content":\#(Shared.mail)}"#
            ),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.send_email_link",
            #"{"username":"ann","redirect_uri":"https://app.example/reset"}"#,
            "POST /cis/v1/auth/password/reset/email/link",
            .json(#"{"username":"ann","redirect_uri":"https://app.example/reset"}"#),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.create_link",
            #"{"email":"ann@example.com","redirect_uri":"https://app.example/reset","prev_reset_token":"t-1","#
                + #""ignore_mfa":false}"#,
            "POST /cis/v1/auth/password/reset/link",
            .json(
                #"{"email":"ann@example.com","redirect_uri":"https://app.example/reset","prev_reset_token":"t-1","#
                    + #""ignore_mfa":false}"#
            ),
            answer: #"{"reset_link":"https://mosaic.example/r?x"}"#
        ),
        UpstreamCase(
            "reset.create_link",
            #"{"username":"ann","redirect_uri":"https://app.example/reset"}"#,
            "POST /cis/v1/auth/password/reset/link",
            .json(#"{"username":"ann","redirect_uri":"https://app.example/reset"}"#),
            answer: #"{"reset_link":"https://mosaic.example/r?x"}"#
        ),
        UpstreamCase(
            "reset.send_email_otp",
            #"{"email":"ben@example.com","prev_reset_token":"t-1","ignore_mfa":true,"email_content":\#(Shared.mail)}"#,
            "POST /cis/v1/auth/password/reset/email/otp",
            .json(
                #"{"email":"ben@example.com","prev_reset_token":"t-1","ignore_mfa":true,"email_content":\#(Shared.mail)}"#
            ),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.send_email_otp",
            #"{"email":"cleo+x@example.com"}"#,
            "POST /cis/v1/auth/password/reset/email/otp",
            .json(#"{"email":"cleo+x@example.com"}"#),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.verify_email_otp",
            #"{"email":"ann@example.com","passcode":"000001"}"#,
            "POST /cis/v1/auth/password/reset/email/otp/validate",
            .json(#"{"email":"ann@example.com","passcode":"000001"}"#),
            answer: Answers.resetToken
        ),
        UpstreamCase(
            "reset.send_sms_otp",
            #"{"phone_number":"+16175551212","prev_reset_token":"t-1","ignore_mfa":true}"#,
            "POST /cis/v1/auth/password/reset/sms/otp",
            .json(#"{"phone_number":"+16175551212","prev_reset_token":"t-1","ignore_mfa":true}"#),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.send_sms_otp",
            #"{"phone_number":"+16175551213"}"#,
            "POST /cis/v1/auth/password/reset/sms/otp",
            .json(#"{"phone_number":"+16175551213"}"#),
            answer: Answers.message
        ),
        UpstreamCase(
            "reset.verify_sms_otp",
            #"{"phone_number":"+16175551212","passcode":"000001"}"#,
            "POST /cis/v1/auth/password/reset/sms/otp/validate",
            .json(#"{"phone_number":"+16175551212","passcode":"000001"}"#),
            answer: Answers.resetToken
        ),
        UpstreamCase(
            "reset.verify_password",
            #"{"username":"ann","password":"old","prev_reset_token":"t-1"}"#,
            "POST /cis/v1/auth/password/reset/password/validate",
            as: .none,
            .json(#"{"username":"ann","password":"old","client_id":"client-1.example","prev_reset_token":"t-1"}"#),
            answer: Answers.resetToken
        ),
        UpstreamCase(
            "reset.verify_password",
            #"{"email":"ann@example.com","password":"old"}"#,
            "POST /cis/v1/auth/password/reset/password/validate",
            as: .none,
            .json(#"{"email":"ann@example.com","password":"old","client_id":"client-1.example"}"#),
            answer: Answers.resetToken
        ),
        UpstreamCase(
            "reset.verify_password",
            #"{"phone_number":"+16175551212","password":"old"}"#,
            "POST /cis/v1/auth/password/reset/password/validate",
            as: .none,
            .json(#"{"phone_number":"+16175551212","password":"old","client_id":"client-1.example"}"#),
            answer: Answers.resetToken
        ),
        UpstreamCase(
            "reset.complete",
            #"{"reset_token":"t-1","new_password":"new","redirect_uri":"https://app.example/cb","#
                + #""resource":"https://r.example","require_mfa":true}"#,
            "POST /cis/v1/auth/password/reset",
            as: .none,
            .json(
                #"{"reset_token":"t-1","new_password":"new","redirect_uri":"https://app.example/cb","#
                    + #""resource":"https://r.example","require_mfa":true}"#
            ),
            answer: #"{"message":"Password changed","url":"https://mosaic.example/u","email":"ann@example.com"}"#
        ),
        UpstreamCase(
            "reset.complete",
            #"{"reset_token":"t-1","new_password":"new"}"#,
            "POST /cis/v1/auth/password/reset",
            as: .none,
            .json(#"{"reset_token":"t-1","new_password":"new"}"#),
            answer: #"{"message":"Password changed"}"#
        ),
    ]
}
