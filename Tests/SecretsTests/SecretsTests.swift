import Secrets
import Testing

@Suite struct SecretTests {
    static let canary = "correct-horse-battery-staple"
    let secret = Secret(copying: canary.utf8)

    @Test func `a secret prints, dumps and interpolates as redacted`() {
        var dumped = ""
        dump(["key": secret], to: &dumped)
        var nested = ""
        dump(Holder(secret: secret), to: &nested)
        let texts = [
            secret.description, secret.debugDescription, "\(secret)", String(describing: secret),
            String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", "\(Holder(secret: secret))",
            String(reflecting: Holder(secret: secret)), dumped, nested,
        ]
        for text in texts {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("horse"))
            // The bytes as numbers would be as bad as the text.
            #expect(!text.contains("104, 111, 114"))
        }
        #expect(secret.description == "<redacted>")
    }

    @Test func `reflection finds no children`() {
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `the bytes come back as they went in`() {
        let bytes = secret.withBytes { span in span.indices.map { span[$0] } }
        #expect(bytes == Array(Self.canary.utf8))
        #expect(secret.count == Self.canary.utf8.count)
        #expect(!secret.isEmpty)
    }

    @Test func `an empty secret is a secret`() {
        let empty = Secret(copying: [])
        #expect(empty.isEmpty)
        #expect(empty == Secret(capacity: 10) { _ in })
        #expect(empty.withBytes { $0.count } == 0)
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("aa", "a", false), ("", "", true), ("", "a", false),
        ("xyz", "xya", false), ("xyz", "ayz", false),
    ])
    func `secrets are equal when their bytes are`(left: String, right: String, areEqual: Bool) {
        let (left, right) = (Secret(copying: left.utf8), Secret(copying: right.utf8))
        #expect((left == right) == areEqual)
        if areEqual { #expect(left.hashValue == right.hashValue) }
    }

    @Test func `composed and decomposed letters are different secrets`() {
        #expect(Secret(copying: "\u{E9}".utf8) != Secret(copying: "e\u{301}".utf8))
    }

    @Test func `a secret made from an array leaves the array empty`() {
        var bytes = Array(Self.canary.utf8)
        let taken = Secret(consuming: &bytes)
        #expect(bytes.isEmpty)
        #expect(taken == secret)
    }

    @Test func `the initializer of a secret may throw and may write less than its capacity`() {
        struct Failure: Error {}
        #expect(throws: Failure.self) {
            try Secret(capacity: 4) { output throws(Failure) in
                output.append(1)
                throw Failure()
            }
        }
        #expect(Secret(capacity: 4) { $0.append(7) } == Secret(copying: [7]))
    }

    @Test func `wiping an array zeroes it and leaves other copies alone`() {
        var bytes: [UInt8] = [1, 2, 3]
        let copy = bytes
        bytes.wipe()
        #expect(bytes == [0, 0, 0])
        #expect(copy == [1, 2, 3])
    }

    @Test func `the memory of a secret is overwritten on release`() throws {
        // Looks at freed memory on purpose, through the process's own memory file, so that no Swift rule is broken.
        var secret: Secret? = Secret(copying: [UInt8](repeating: 0xA7, count: 4096))
        let address = try #require(
            secret?.withBytes { span in unsafe span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
        )
        #expect(try processMemory(at: address, count: 4096).filter { $0 == 0xA7 }.count == 4096)
        secret = nil
        // Somebody else may have got the memory since and written a few such bytes of their own.
        #expect(try processMemory(at: address, count: 4096).filter { $0 == 0xA7 }.count < 256)
    }
}

private struct Holder {
    let secret: Secret
}
