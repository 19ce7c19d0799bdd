extension APIFailure {
    /// What a person can do about the failure, or `nil` when waiting is all.
    package var advice: String? {
        switch kind {
        case .credentialRejected where concernsBearer:
            "an endpoint of Mosaic refuses an access token that Mosaic has just issued: check the roles of the client and "
                + "what the endpoint is set up to take; other calls go on, and the client's own credential is good"
        case .credentialRejected:
            "Mosaic refuses this client: compare ClientID=, Authentication= and the client secret, key or certificate "
                + "with the client's settings at Mosaic, then refresh the token by hand"
        case .forbidden:
            "Mosaic denies this client a permission: check the roles assigned to the client"
        case .notConfigured:
            "the login method, redirect URI or resource is not set up for this client's application at Mosaic"
        case .protocolViolation:
            "the answer is not one of Mosaic's: check Region=, BaseURL= and TokenURL="
        case .unavailable:
            adviceOnTransport
        case .rateLimited, .invalidToken, .invalidInput, .passwordRejected, .conflict, .notFound, .deadlineExceeded,
            .cancelled, .shuttingDown:
            nil
        }
    }

    private var adviceOnTransport: String? {
        switch transport {
        case .tls: "the server's certificate is not trusted: check CAFile=, BaseURL= and TokenURL="
        case .proxy: "the proxy refuses the connection: check Proxy="
        case .connect, .connectTimeout: "the server cannot be reached: check BaseURL=, TokenURL=, DNS and firewall"
        default: nil
        }
    }
}
