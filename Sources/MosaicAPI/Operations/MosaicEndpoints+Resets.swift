extension MosaicEndpoints {
    /// E6, `POST /v1/auth/password/reset/email/link`.
    package var resetEmailLinkSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/email/link") }
    /// E7, `POST /v1/auth/password/reset/link`.
    package var resetLinkCreate: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/link") }
    /// E8, `POST /v1/auth/password/reset/email/otp`.
    package var resetEmailCodeSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/email/otp") }
    /// E9, `POST /v1/auth/password/reset/email/otp/validate`.
    package var resetEmailCodeVerify: ServiceURL {
        baseURL.appending(path: "v1/auth/password/reset/email/otp/validate")
    }
    /// E10, `POST /v1/auth/password/reset/sms/otp`.
    package var resetSMSCodeSend: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/sms/otp") }
    /// E11, `POST /v1/auth/password/reset/sms/otp/validate`.
    package var resetSMSCodeVerify: ServiceURL { baseURL.appending(path: "v1/auth/password/reset/sms/otp/validate") }
    /// E12, `POST /v1/auth/password/reset/password/validate`.
    package var resetPasswordVerify: ServiceURL {
        baseURL.appending(path: "v1/auth/password/reset/password/validate")
    }
    /// E13, `POST /v1/auth/password/reset`.
    package var resetComplete: ServiceURL { baseURL.appending(path: "v1/auth/password/reset") }
}
