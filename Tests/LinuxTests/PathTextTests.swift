import TestSupport
import Testing

@testable import Linux

/// Paths and arguments that are not UTF-8.
@Suite struct PathTextTests {
    @Test(
        arguments: [
            Array("/plain/ärger".utf8), [0x2F, 0xE9], [0x2F, 0xC3], [0xE2, 0x82, 0x2F, 0xFF, 0xFE],
            // U+10FFE9, which is what stands for the byte E9.
            [0x2F, 0xF4, 0x8F, 0xBF, 0xA9], [0xED, 0xA0, 0x80], [0x80], [],
        ] as [[UInt8]]
    )
    func `a path of any bytes becomes text and the same bytes again`(bytes: [UInt8]) {
        let text = PathText.text(bytes)
        #expect(PathText.bytes(text) == bytes)
        PathText.withCString(text) { pointer in
            var position = 0
            while unsafe pointer[position] != 0 { position += 1 }
            #expect(position == bytes.count)
        }
    }

    @Test func `a path that is UTF-8 is itself, and a byte that is not is shown by its number`() {
        #expect(PathText.text(Array("/é".utf8)) == "/é")
        #expect(PathText.isPlain("/é"))
        let text = PathText.text([0x2F, 0xC3, 0xA9, 0xE9])
        #expect(!PathText.isPlain(text))
        #expect(PathText.printable(text) == #"/é\xe9"#)
    }

    @Test func `an argument that is not UTF-8 is taken only as a path`() throws {
        let arguments = ProgramArguments([Array("--file".utf8), [0xE9], Array("é".utf8)])
        let texts = try arguments.text { $0 == 1 }
        #expect(texts[0] == "--file" && PathText.bytes(texts[1]) == [0xE9] && texts[2] == "é")
        #expect(throws: ProgramArguments.NotUTF8(position: 2)) { try arguments.text { _ in false } }
        // What stands for a byte in a path is a character like others elsewhere.
        #expect(try ProgramArguments([[0xF4, 0x8F, 0xBF, 0xA9]]).text { _ in false } == ["\u{10FFE9}"])
    }

    @Test func `the arguments of this process are those that the kernel gave it`() throws {
        #expect(ProgramArguments.ofProcess.bytes == CommandLine.arguments.dropFirst().map { Array($0.utf8) })
    }
}
