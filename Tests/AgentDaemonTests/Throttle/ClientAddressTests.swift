import AgentProtocol
import Testing

@testable import AgentDaemon

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("::FFFF:c633:6407", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:0DB8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8::1", "2001:db8::/64"),
        ("::1", "::/64"),
        ("0:0:0:1::", "0:0:0:1::/64"),
    ])
    func `an address is told by what it means`(text: String, meaning: String) throws {
        #expect(try #require(ClientAddress(text)).description == meaning)
    }

    @Test(arguments: [
        "", " ", "alice", "198.51.100", "198.51.100.256", "198.51.100.7 ", " 198.51.100.7", "198.51.100.7:80",
        "198.51.100.7\u{0}", "198.51.100.7\u{0}x", "[::1]", "fe80::1%eth0", "::1/64", "1::2::3", "198.51.100.07x",
    ])
    func `what is none counts as no address`(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:443", "198.51.100.7"),
        ("198.51.100.7:1", "198.51.100.7"),
        ("198.51.100.7:65535", "198.51.100.7"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("[::ffff:198.51.100.7]:443", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        // Without brackets the last part is one of the address.
        ("2001:db8::1:443", "2001:db8::/64"),
    ])
    func `an address may be stated with its port`(text: String, meaning: String) throws {
        #expect(try #require(ClientAddress(stated: text)).description == meaning)
    }

    @Test(arguments: [
        "", " ", "unknown", "_hidden", "localhost", "198.51.100.7,198.51.100.8", "198.51.100.7, 10.0.0.1",
        "198.51.100.7 ",
        " 198.51.100.7", "\t198.51.100.7", "198.51.100.7\n", "198.51.100.7\u{0}", "198.51.100.7:443\u{0}",
        "\"198.51.100.7\"", "'198.51.100.7'", "\"[2001:db8::1]:443\"", "198.051.100.7", "0198.51.100.7", "198.51.100",
        "0xC6.0x33.0x64.0x07", "0xC6336407", "3325256711", "198.51.100.7/32", "198.51.100.7:", "198.51.100.7:0",
        "198.51.100.7:080", "198.51.100.7:65536", "198.51.100.7:99999", "198.51.100.7:100000", "198.51.100.7:-1",
        "198.51.100.7:+1", "198.51.100.7:4 3", "198.51.100.7:0x1bb", "198.51.100.7:http", "198.51.100.7:443:443",
        "[198.51.100.7]", "[198.51.100.7]:443", "[2001:db8::1]", "[2001:db8::1]:", "[2001:db8::1]:0443",
        "[2001:db8::1]443", "[2001:db8::1", "2001:db8::1]:443", "[[2001:db8::1]]:443", "[]:443", ":443", "[::1] :443",
        "fe80::1%eth0", "[fe80::1%eth0]:443", "[fe80::1%25eth0]:443", "2001:db8::1/64", "for=198.51.100.7",
        "198.51.100.7\u{ff1a}443", "\u{ff11}98.51.100.7", "198\u{3002}51.100.7",
    ])
    func `what is not one address is none`(text: String) {
        #expect(ClientAddress(stated: text) == nil)
    }

    @Test func `different addresses differ, and so do the same bits of another family`() throws {
        #expect(ClientAddress("198.51.100.7") != ClientAddress("198.51.100.8"))
        #expect(ClientAddress("2001:db8:1:2::1") != ClientAddress("2001:db8:1:3::1"))
        #expect(ClientAddress("2001:db8:1:2::1") == ClientAddress("2001:db8:1:2:ffff::"))
        #expect(ClientAddress("0.0.0.1") != ClientAddress("0:0:0:1::"), "both have the bits 1")
    }
}

@Suite struct ThrottleTargetTests {
    let digest = TargetDigest.Value(high: 1, low: 2)

    // Independent computation: printf 'c35ab2a.example' | sha256sum | cut -c1-16
    @Test func `an application is hashed`() {
        #expect(ThrottleTarget.hash(ofApplication: "c35ab2a.example") == 0xBA52_4AB1_A0E5_7A14)
        #expect(ThrottleTarget(application: "a", digest: digest) != ThrottleTarget(application: "b", digest: digest))
        #expect(ThrottleTarget(application: "a", digest: digest) == ThrottleTarget(application: "a", digest: digest))
    }

    @Test func `a digest is read back from its text, and only from that`() {
        let value = TargetDigest.Value(high: 0x0123_4567_89AB_CDEF, low: 0xFF)
        #expect(value.description == "0123456789abcdef00000000000000ff")
        #expect(TargetDigest.Value(value.description) == value)
        #expect(TargetDigest.Value(value.description.uppercased()) == value)
        for text in ["", "0", value.description + "0", "username:alice", "+123456789abcdef00000000000000ff"] {
            #expect(TargetDigest.Value(text) == nil)
        }
        #expect(TargetDigest.Value("0123456789abcdef-0000000000000ff") == nil)
    }
}
