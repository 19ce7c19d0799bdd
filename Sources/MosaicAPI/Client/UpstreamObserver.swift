/// Is told how the exchanges with Mosaic end, for counting. Runs on arbitrary threads and must not block.
package protocol UpstreamObserver: Sendable {
    /// A request of the API was sent, or was about to be, and has ended.
    ///
    /// - Parameters:
    ///   - endpoint: Where it went.
    ///   - client: The configured client that asked.
    ///   - end: How it ended.
    ///   - duration: From its begin to its end.
    func requestEnded(_ endpoint: APIEndpoint, client: String, end: UpstreamEnd, duration: Duration)

    /// One try to fetch a client access token (E1) has ended.
    ///
    /// - Parameters:
    ///   - client: The configured client whose token it is.
    ///   - end: The lifetime of the new token, or why there is none.
    ///   - duration: From its begin to its end.
    func tokenFetchEnded(client: String, end: Result<Duration, APIFailure>, duration: Duration)
}

/// How an exchange with Mosaic ended.
package enum UpstreamEnd: Sendable, Hashable {
    /// There was an answer, with this HTTP status.
    case answered(Int)
    /// There was none.
    case failed(TransportFailure.Reason)
}
