import Secrets
import Testing

@testable import AgentDaemon

@Suite struct StateRecordTests {
    static let sample = StateRecord(
        kind: .token,
        bootID: Array(0..<16),
        digest: Array(100..<132),
        received: 1,
        refresh: 1 << 40,
        expiry: -1,
        key: "default",
        value: Secret(copying: "the token".utf8)
    )

    static func bytes(of secret: Secret) -> [UInt8] { secret.withBytes { span in span.indices.map { span[$0] } } }

    @Test func `a record is read as it was written`() {
        #expect(StateRecord(decoding: Self.sample.encoded()) == Self.sample)
        var other = Self.sample
        other.kind = .auditKey
        other.key = ""
        other.value = Secret(copying: [])
        #expect(StateRecord(decoding: other.encoded()) == other)
    }

    @Test func `one with any bit changed is none`() {
        let good = Self.bytes(of: Self.sample.encoded())
        for index in good.indices {
            for bit in 0..<8 {
                var bytes = good
                bytes[index] ^= 1 << bit
                #expect(StateRecord(decoding: Secret(copying: bytes)) == nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test func `nor is one that is too short or too long`() {
        let good = Self.bytes(of: Self.sample.encoded())
        for count in good.indices { #expect(StateRecord(decoding: Secret(copying: good[..<count])) == nil) }
        #expect(StateRecord(decoding: Secret(copying: good + [0])) == nil)
    }
}
