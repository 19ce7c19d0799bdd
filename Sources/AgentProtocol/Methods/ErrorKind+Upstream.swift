extension [ErrorKind] {
    /// What any method can answer that asks Mosaic.
    static let upstream: [ErrorKind] = [
        .upstreamUnavailable, .upstreamRateLimited, .credentialRejected, .upstreamProtocol, .upstreamForbidden,
    ]
}
