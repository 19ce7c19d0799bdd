import Testing

@testable import AgentDaemon

/// What a peer's address asks for.
@Suite struct CredentialRequestTests {
    @Test(arguments: [
        ("4d2f8a1be09c7735/unit/report.service/mosaic", "report.service", "mosaic", CredentialRequest.Client.implied),
        ("0/unit/report.service/mosaic", "report.service", "mosaic", .implied),
        ("abcdef0123456789/unit/job@eu-1.service/mosaic.risk", "job@eu-1.service", "mosaic.risk", .named("risk")),
        (#"1/unit/a\x2db:c_d.mount/mosaic.a_b-9"#, #"a\x2db:c_d.mount"#, "mosaic.a_b-9", .named("a_b-9")),
        ("1/unit/a.swap/mosaic.default", "a.swap", "mosaic.default", .named("default")),
    ])
    func `the address says the unit and the client`(
        name: String,
        unit: String,
        id: String,
        client: CredentialRequest.Client
    ) throws {
        let request = try #require(CredentialRequest(abstractName: Array(name.utf8)))
        #expect(request.unit == unit)
        #expect(request.id == id)
        #expect(request.client == client)
    }

    @Test(arguments: [
        "", "/", "report.service", "1/unit/report.service", "1/unit/report.service/", "1/unit/report.service/mosaic/",
        "1/unit/report.service/mo/saic", "/unit/report.service/mosaic", "g/unit/report.service/mosaic",
        "A/unit/report.service/mosaic", "-1/unit/report.service/mosaic", "0x1/unit/report.service/mosaic",
        "12345678901234567/unit/report.service/mosaic", "1/user/report.service/mosaic", "1//report.service/mosaic",
        "1/Unit/report.service/mosaic", "1/unit//mosaic", "1/unit/report/mosaic", "1/unit/report.conf/mosaic",
        "1/unit/.service/mosaic", "1/unit/job@.service/mosaic", "1/unit/system.slice/mosaic",
        "1/unit/basic.target/mosaic", "1/unit/re port.service/mosaic", "1/unit/rapport\u{e9}.service/mosaic",
        "1/unit/report.service\u{0}/mosaic", "1/unit/report.service/mosaic\u{0}", "1/unit/report.service/mosaic\n",
        "1/unit/report.service/a b", "1/unit/report.service/a:b", "1/unit/report.service/\u{e9}",
        " 1/unit/report.service/mosaic", "1/unit/report.service /mosaic",
    ])
    func `anything else is no request`(name: String) {
        #expect(CredentialRequest(abstractName: Array(name.utf8)) == nil)
    }

    @Test func `bytes that are no UTF-8 are no request`() {
        #expect(CredentialRequest(abstractName: Array("1/unit/".utf8) + [0xFF] + Array(".service/mosaic".utf8)) == nil)
        #expect(CredentialRequest(abstractName: Array("1/unit/a.service/mosaic".utf8) + [0x80]) == nil)
    }

    @Test(arguments: [
        "mosai", "mosaic.", "mosaic-risk", "Mosaic", "token", "mosaic.\(String(repeating: "x", count: 33))",
    ])
    func `there is no credential of another ID`(id: String) throws {
        let request = try #require(CredentialRequest(abstractName: Array("1/unit/a.service/\(id)".utf8)))
        #expect(request.client == nil)
    }
}
