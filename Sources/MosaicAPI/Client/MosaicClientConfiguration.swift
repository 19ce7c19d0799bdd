/// What makes up one configured Mosaic client, apart from the transport.
package struct MosaicClientConfiguration: Sendable {
    /// The client's name in the configuration.
    package let name: String
    /// Where its services are.
    package let endpoints: MosaicEndpoints
    /// The OAuth client identifier.
    package let clientID: String
    /// How it proves itself at the token endpoint.
    package let authentication: ClientAuthentication
    /// The resource that access tokens are asked for; `nil` for the identity APIs.
    package let resource: String?

    /// A client.
    package init(
        name: String,
        endpoints: MosaicEndpoints,
        clientID: String,
        authentication: ClientAuthentication,
        resource: String? = nil
    ) {
        self.name = name
        self.endpoints = endpoints
        self.clientID = clientID
        self.authentication = authentication
        self.resource = resource
    }
}
