extension UpstreamCase {
    private static let password =
        #"{ "passwordMinLength":12,"passwordComplexity": 3,"blockPreviousPasswords":5,"passwordExpiresIn":90,"#
        + ##""resetValidityMinutes":10,"message":{"primaryColor":"#6981FF"} }"##

    /// E40 and E41: no `/v1`, and the methods at the top level of the body.
    static let preferences: [UpstreamCase] = [
        UpstreamCase(
            "preferences.get",
            #"{"app_id":"app+7"}"#,
            "GET /cis/loginPreferences/app%2B7",
            answer: Answers.preferences
        ),
        // The application of the client's own token.
        UpstreamCase("preferences.get", "{}", "GET /cis/loginPreferences/app-1", answer: Answers.preferences),
        UpstreamCase(
            "preferences.update",
            #"{"app_id":"app+7","password":\#(password),"email":{"a":1},"email_otp":{"a":2},"sms":{"a":3},"#
                + #""totp":{"a":4},"webauthn_api":{"a":5},"google":{"a":6},"facebook":{"a":7},"apple":{"a":8},"#
                + #""line":{"a":9},"tiktok":{"a":10},"push":{"a":11}}"#,
            "PUT /cis/loginPreferences/app%2B7/authMethods",
            .json(
                #"{"password":\#(password),"email":{"a":1},"email_otp":{"a":2},"sms":{"a":3},"totp":{"a":4},"#
                    + #""webauthn_api":{"a":5},"google":{"a":6},"facebook":{"a":7},"apple":{"a":8},"line":{"a":9},"#
                    + #""tiktok":{"a":10},"push":{"a":11}}"#
            ),
            verbatim: [password],
            answer: Answers.preferences
        ),
        UpstreamCase(
            "preferences.update",
            #"{"sms":{ }}"#,
            "PUT /cis/loginPreferences/app-1/authMethods",
            .json(#"{"sms":{}}"#),
            verbatim: [#"{ }"#],
            answer: Answers.preferences
        ),
    ]
}
