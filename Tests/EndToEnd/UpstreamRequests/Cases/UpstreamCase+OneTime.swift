extension UpstreamCase {
    private static let sms = #"{"custom_message":"{otp} for {app}","sender_id":"Example"}"#
    private static let requested = #"{"message":"sent","request_id":"q-9"}"#

    /// E18–E21.
    static let oneTime: [UpstreamCase] = [
        UpstreamCase(
            "otp.send",
            #"{"channel":"email","identifier_type":"username","identifier":"ann-mail","expires_in":7,"#
                + #""generate_request_id":true,"approval_data":\#(Verbatim.approval),"custom_email":"b@example.com","#
                + #""email_content":\#(Shared.mail),"client_attributes":\#(Shared.client),"device_id":"d-1"}"#,
            "POST /cis/v1/auth/otp/send",
            .json(
                #"{"channel":"email","identifier_type":"username","identifier":"ann-mail","expires_in":7,"#
                    + #""generate_request_id":true,"approval_data":\#(Verbatim.approval),"#
                    + #""custom_email":"b@example.com","email_content":\#(Shared.mail),"client_attributes":\#(Shared.client),"#
                    + #""device_id":"d-1"}"#
            ),
            verbatim: [Verbatim.approval],
            answer: requested
        ),
        UpstreamCase(
            "otp.send",
            #"{"channel":"sms","identifier_type":"email","identifier":"ann@example.com","#
                + #""custom_phone_number":"+491700000001","custom_sms_input":\#(sms)}"#,
            "POST /cis/v1/auth/otp/send",
            .json(
                #"{"channel":"sms","identifier_type":"email","identifier":"ann@example.com","#
                    + #""custom_phone_number":"+491700000001","custom_sms_input":\#(sms)}"#
            ),
            answer: Answers.message
        ),
        UpstreamCase(
            "otp.send",
            #"{"channel":"direct","identifier_type":"phone_number","identifier":"+972-54 123"}"#,
            "POST /cis/v1/auth/otp/send",
            .json(#"{"channel":"direct","identifier_type":"phone_number","identifier":"+972-54 123"}"#),
            answer: #"{"message":"OTP sent","code":"012345"}"#
        ),
        UpstreamCase(
            "otp.authenticate",
            #"{"passcode":"001234","identifier_type":"phone_number","identifier":"+491700000000","#
                + #""request_id":"q-1","session_id":"s-1","org_id":"o-1","resource":"https://r.example","#
                + #""claims":\#(Verbatim.claims),"client_attributes":\#(Shared.client),"device_id":"d-1"}"#,
            "POST /cis/v1/auth/otp/authenticate",
            .json(
                #"{"passcode":"001234","identifier_type":"phone_number","identifier":"+491700000000","#
                    + #""request_id":"q-1","session_id":"s-1","org_id":"o-1","resource":"https://r.example","#
                    + #""claims":\#(Verbatim.claims),"client_attributes":\#(Shared.client),"device_id":"d-1"}"#
            ),
            verbatim: [Verbatim.claims, #""001234""#],
            answer: Answers.session
        ),
        UpstreamCase(
            "otp.authenticate",
            #"{"passcode":"1","identifier_type":"user_id","identifier":"u-1"}"#,
            "POST /cis/v1/auth/otp/authenticate",
            .json(#"{"passcode":"1","identifier_type":"user_id","identifier":"u-1"}"#),
            answer: Answers.session
        ),
        UpstreamCase(
            "link.send",
            #"{"identifier_type":"email","identifier":"ann@example.com","redirect_uri":"https://app.example/cb?x=1","#
                + #""state":"st-1","channel":"email","email_expiration":30,"email_content":\#(Shared.mail),"#
                + #""generate_request_id":true,"client_attributes":\#(Shared.client),"device_id":"d-1"}"#,
            "POST /cis/v1/auth/link/email/send",
            .json(
                #"{"identifier_type":"email","identifier":"ann@example.com","#
                    + #""redirect_uri":"https://app.example/cb?x=1","state":"st-1","channel":"email","#
                    + #""email_expiration":30,"email_content":\#(Shared.mail),"generate_request_id":true,"#
                    + #""client_attributes":\#(Shared.client),"device_id":"d-1"}"#
            ),
            answer: requested
        ),
        UpstreamCase(
            "link.send",
            #"{"identifier_type":"badge.no-7","identifier":"B 7","redirect_uri":"https://app.example/cb"}"#,
            "POST /cis/v1/auth/link/email/send",
            .json(#"{"identifier_type":"badge.no-7","identifier":"B 7","redirect_uri":"https://app.example/cb"}"#),
            answer: Answers.message
        ),
        UpstreamCase(
            "link.authenticate",
            #"{"code":"code-1","request_id":"q-1","session_id":"s-1","org_id":"o-1","resource":"https://r.example","#
                + #""claims":\#(Verbatim.claims),"client_attributes":\#(Shared.client),"device_id":"d-1"}"#,
            "POST /cis/v1/auth/link/email/authenticate",
            .json(
                #"{"code":"code-1","request_id":"q-1","session_id":"s-1","org_id":"o-1","#
                    + #""resource":"https://r.example","claims":\#(Verbatim.claims),"client_attributes":\#(Shared.client),"#
                    + #""device_id":"d-1"}"#
            ),
            verbatim: [Verbatim.claims],
            answer: Answers.session
        ),
        UpstreamCase(
            "link.authenticate",
            #"{"code":"code-2"}"#,
            "POST /cis/v1/auth/link/email/authenticate",
            .json(#"{"code":"code-2"}"#),
            answer: Answers.session
        ),
    ]
}
