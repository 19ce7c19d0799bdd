import Systemd
import TestSupport
import Testing

@Suite struct JournalFieldNameTests {
    @Test(arguments: ["A", "MESSAGE", "MOSAIC_CALLER_UID", "X9_", String(repeating: "N", count: 64)])
    func `a name that journald keeps is accepted`(_ name: String) {
        #expect(JournalFieldName(String(name))?.description == name)
    }

    @Test(arguments: [
        "", "_PID", "__CURSOR", "9LIVES", "message", "Message", "A-B", "A B", "A.B", "A=B", "A\n", "A\0", "É", "Ａ",
        String(repeating: "N", count: 65),
    ])
    func `a name that journald would drop is refused`(_ name: String) {
        #expect(JournalFieldName(String(name)) == nil)
    }

    @Test(.longTimeLimit) func `a bad name in the source traps`() async {
        await #expect(processExitsWith: .failure) {
            let name: JournalFieldName = "_TRUSTED"
            print(name)
        }
    }

    @Test(arguments: [
        ("client", "MOSAIC_CLIENT"), ("call_id", "MOSAIC_CALL_ID"), ("MOSAIC_RULE", "MOSAIC_RULE"),
        ("mosaic_rule", "MOSAIC_RULE"), ("callID", "MOSAIC_CALLID"), ("a.b-c d", "MOSAIC_A_B_C_D"),
        ("MESSAGE", "MOSAIC_MESSAGE"), ("PRIORITY", "MOSAIC_PRIORITY"), ("_PID", "MOSAIC__PID"), ("9", "MOSAIC_9"),
        ("", "MOSAIC_"), ("é", "MOSAIC___"), ("x=1\nMESSAGE", "MOSAIC_X_1_MESSAGE"),
        (String(repeating: "k", count: 100), "MOSAIC_" + String(repeating: "K", count: 57)),
    ])
    func `metadata always gets a valid name of its own kind`(_ key: String, _ name: String) {
        #expect(JournalFieldName(metadataKey: key).description == name)
        #expect(JournalFieldName(String(name)) != nil)
    }
}

@Suite struct MessageIDTests {
    @Test func `it is 32 hexadecimal digits`() {
        let id = MessageID("9ED1A25b00000000000000000000ffff")
        #expect(id?.description == "9ed1a25b00000000000000000000ffff")
        #expect(id == MessageID(0x9ed1_a25b_0000_0000, 0xffff))
        #expect(MessageID(0, 1).description == "00000000000000000000000000000001")
    }

    @Test(arguments: [
        "", "9ed1a25b", "9ed1a25b00000000000000000000fffg", "9ed1a25b00000000000000000000ffff0",
        "9ed1a25b-0000-0000-0000-00000000ffff", "９ed1a25b00000000000000000000fff",
    ])
    func `anything else is none`(_ text: String) {
        #expect(MessageID(text) == nil)
    }
}

@Suite struct JournalRecordTests {
    @Test func `fields are kept in order, with any bytes in their values`() {
        var record = JournalRecord()
        record.append(MessageID(1, 2))
        record.append(JournalPriority.warning)
        record.append("MESSAGE", "one=1\ntwo")
        record.append("MOSAIC_DURATION_USEC", UInt64.max)
        record.append("MOSAIC_RAW", bytes: [0, 10, 61, 255])
        record.append("MOSAIC_RAW", "")
        let fields = record.fields.map { "\($0.name)=\($0.value)" }
        #expect(
            fields == [
                "MESSAGE_ID=\(Array("00000000000000010000000000000002".utf8))", "PRIORITY=[52]",
                "MESSAGE=\(Array("one=1\ntwo".utf8))", "MOSAIC_DURATION_USEC=\(Array("18446744073709551615".utf8))",
                "MOSAIC_RAW=[0, 10, 61, 255]", "MOSAIC_RAW=[]",
            ]
        )
    }
}
