/// The way by which the one-time code of a password reset goes to a user.
package protocol ResetChannel: Sendable {
    /// The endpoint that sends.
    static var sending: APIEndpoint { get }
    /// The endpoint that checks.
    static var verification: APIEndpoint { get }
    /// The URL of the endpoint that sends.
    static func sendingURL(at endpoints: MosaicEndpoints) -> ServiceURL
    /// The URL of the endpoint that checks.
    static func verificationURL(at endpoints: MosaicEndpoints) -> ServiceURL
}

/// By mail: E8 and E9.
package enum EmailResetChannel: ResetChannel {
    package static var sending: APIEndpoint { .resetEmailCodeSend }
    package static var verification: APIEndpoint { .resetEmailCodeVerify }
    package static func sendingURL(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetEmailCodeSend }
    package static func verificationURL(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetEmailCodeVerify }
}

/// By text message: E10 and E11.
package enum SMSResetChannel: ResetChannel {
    package static var sending: APIEndpoint { .resetSMSCodeSend }
    package static var verification: APIEndpoint { .resetSMSCodeVerify }
    package static func sendingURL(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetSMSCodeSend }
    package static func verificationURL(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.resetSMSCodeVerify }
}
