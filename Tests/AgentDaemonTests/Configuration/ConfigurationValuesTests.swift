import ConfigurationFiles
import MosaicAPI
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct `Time spans` {
    @Test(arguments: [
        ("0", Duration.zero), ("5", .seconds(5)), ("400ms", .milliseconds(400)), ("5s", .seconds(5)),
        ("1min 30s", .seconds(90)), ("1min30s", .seconds(90)), ("2 h", .seconds(7_200)), ("2hr 1m", .seconds(7_260)),
        ("1.5s", .milliseconds(1_500)), (".5s", .milliseconds(500)), ("0.25h", .seconds(900)),
        ("10us", .microseconds(10)),
        ("10\u{B5}s", .microseconds(10)), ("10\u{3BC}s", .microseconds(10)), ("3usec", .microseconds(3)),
        ("1d", .seconds(86_400)), ("2weeks", .seconds(1_209_600)), ("1M", .seconds(2_629_800)),
        ("1y", .seconds(31_557_600)),
        ("5s 5s", .seconds(10)), ("30s 1min", .seconds(90)), ("1 2 3", .seconds(6)), ("\t 7sec ", .seconds(7)),
        ("1.0000005s", .seconds(1)), ("0.000001s", .microseconds(1)), ("55s500ms", .milliseconds(55_500)),
    ])
    func `are read as systemd reads them`(_ text: String, _ span: Duration) {
        #expect(TimeSpan.parse(text) == span)
    }

    @Test(arguments: [
        "", " ", "s", "ms", "-1s", "+1s", "1x", "1 fortnight", "1.s", ".", "1..5s", "infinity", "1S", "1MS", "1,5s",
        "1e3",
        "99999999999999999999s", "300000000y", "9223372036854775807", "0x10", "1s;", "\u{FF11}s",
    ])
    func `that are none are refused`(_ text: String) {
        #expect(TimeSpan.parse(text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.milliseconds(400), "400ms"), (.seconds(90), "1min 30s"), (.seconds(600), "10min"),
        (.seconds(93_784) + .microseconds(5), "1d 2h 3min 4s 5us"), (.nanoseconds(1), "0"),
    ])
    func `are written as they are read`(_ span: Duration, _ text: String) {
        #expect(TimeSpan.text(of: span) == text)
        if text != "0" { #expect(TimeSpan.parse(text) == span) }
    }
}

@Suite struct `Word lists` {
    @Test(arguments: [
        ("a b", ["a", "b"]), ("  a\t b  ", ["a", "b"]), ("\"a b\" 'c d'", ["a b", "c d"]), ("\"\"", [""]),
        (#""a\"b" 'c\'d' e\\f"#, ["a\"b", "c'd", "e\\f"]), (#"a\sb \x41\t"#, ["a b", "A\t"]),
        ("a'b c\"d", ["a'b", "c\"d"]),
        (#"\xc3\xa4"#, ["ä"]), ("", []),
    ])
    func `are split at blanks, with quotes and escapes`(_ text: String, _ words: [String]) throws {
        #expect(try WordList.split(text) == words)
        #expect(try WordList.split(WordList.join(words)) == words)
    }

    @Test(arguments: ["\"a", "'a", "\"a\"b", "a\\", "\\q", "\\x4", "\\xzz", "\\x00", "\\xff", "\"a\\\""])
    func `that are broken are refused`(_ text: String) {
        #expect(throws: BadValue.self) { try WordList.split(text) }
    }
}

@Suite struct `The table of keys` {
    @Test(arguments: SectionKind.allCases)
    func `describes every key once, with text, syntax and a sound default`(_ kind: SectionKind) throws {
        #expect(Set(kind.keys.map(\.name)).count == kind.keys.count)
        for key in kind.keys {
            #expect(key.documentation.hasSuffix(".") && !key.documentation.contains("\n"), "\(key.name)")
            #expect(!key.allowed.isEmpty && !key.allowed.hasSuffix("."))
        }
        #expect(kind.documentation.hasSuffix("."))
    }

    @Test func `has defaults that its own syntax accepts`() throws {
        for key in DaemonKeys.all where key.hasDefaultValue { try key.check(#require(key.fallback)) }
        try ClientKeys.authentication.description.check("client_secret_post")
        #expect(ClientKeys.authentication.description.fallback == "client_secret_post")
        #expect(AccessKeys.details.description.fallback == "no")
        #expect(ClientKeys.clientID.description.fallback == nil)
    }

    @Test(arguments: [
        ("http://proxy:3128", "proxy", 3_128), ("http://[::1]:80", "::1", 80), ("http://10.1.2.3:443", "10.1.2.3", 443),
    ])
    func `reads proxies`(_ text: String, _ host: String, _ port: Int) throws {
        let proxy = try ClientKeys.proxy.syntax.parse(text)
        #expect(proxy == TransportConfiguration.Proxy(host: host, port: port))
        #expect(ClientKeys.proxy.syntax.write(proxy) == text)
    }
}
