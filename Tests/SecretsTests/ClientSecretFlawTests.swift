import Secrets
import Testing

@Suite struct ClientSecretFlawTests {
    private static func flaw(_ bytes: [UInt8]) -> ClientSecretFlaw? { ClientSecretFlaw(of: Secret(copying: bytes)) }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x61, 0, 0x62, 0], .utf16), ([0xFE, 0xFF, 0, 0x61], .utf16), ([0x61, 0, 0x62, 0], .utf16),
            ([0, 0x61, 0, 0x62], .utf16), ([0, 0x61, 0, 0x62, 0], .utf16),
            ([0xEF, 0xBB, 0xBF, 0x61], .byteOrderMark), ([0x61, 0x62, 0x63, 0, 0x64], .nul), ([0x61, 0], .nul),
            (Array("abc\r".utf8), .carriageReturn), (Array("abc\r\n".utf8), .severalLines),
            (Array("abc\n".utf8), .severalLines), (Array("a\nb".utf8), .severalLines),
            (Array(" abc".utf8), .blankBefore), (Array("\tabc".utf8), .blankBefore), (Array("abc ".utf8), .blankBehind),
            (Array("abc\t".utf8), .blankBehind), (Array("a\tb".utf8), .controlCharacter),
            ([0x61, 0x7F], .controlCharacter),
            (Array("a\rb".utf8), .controlCharacter), (Array("é".utf8), .notASCII), ([0x61, 0xE9], .notASCII),
            (Array("a\u{A0}".utf8), .notASCII),
        ] as [([UInt8], ClientSecretFlaw)]
    )
    func `what an editor leaves in a file is told`(bytes: [UInt8], expected: ClientSecretFlaw) {
        #expect(Self.flaw(bytes) == expected)
    }

    @Test func `printable ASCII is taken, blanks within it too`() {
        #expect(Self.flaw(Array(UInt8(0x21)...0x7E)) == nil)
        #expect(Self.flaw(Array("the new secret".utf8)) == nil)
        #expect(Self.flaw([]) == nil, "that it is empty is another fault")
    }
}
