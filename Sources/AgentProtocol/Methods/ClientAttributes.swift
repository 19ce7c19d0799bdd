public import StrictJSON

/// What is known of an end user's own client.
public struct ClientAttributes: WireObject, Hashable {
    /// The browser's `User-Agent`.
    public var userAgent: String?
    /// The address the end user comes from.
    public var ipAddress: String?

    /// What is known; both may be missing.
    public init(userAgent: String? = nil, ipAddress: String? = nil) {
        self.userAgent = userAgent
        self.ipAddress = ipAddress
    }

    /// The schema of `client_attributes`.
    public static let fields: [Field] = [
        Field("user_agent", .text(1...1024), doc: "The `User-Agent` of the end user's browser or app."),
        Field(
            "ip_address",
            .text(1...64),
            doc: """
                The address the end user comes from. Where the access rule trusts it, it must be one IPv4 or IPv6 address, \
                alone or as `address:port` or `[IPv6]:port`.
                """
        ),
    ]

    /// Takes the values of the members.
    public init(reading object: ObjectReader) throws(SchemaViolation) {
        userAgent = try object.optionalText("user_agent")
        ipAddress = try object.optionalText("ip_address")
    }

    /// Writes the members.
    public func encodeMembers(to writer: inout JSONWriter) {
        writer.member("user_agent", userAgent)
        writer.member("ip_address", ipAddress)
    }
}
