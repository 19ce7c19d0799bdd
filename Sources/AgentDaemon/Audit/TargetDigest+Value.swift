package import AgentProtocol

extension TargetDigest {
    /// The digest of a user: 128 bits.
    package typealias Value = TargetHash
}
