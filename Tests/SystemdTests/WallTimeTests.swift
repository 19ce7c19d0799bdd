import Testing

@testable import Systemd

@Suite struct WallTimeTests {
    /// 2026-11-22T10:44:47.25Z, a Sunday.
    static let now = WallTime(microseconds: 1_795_344_287_250_000)

    @Test(arguments: [
        ("now", "2026-11-22T10:44:47.250000Z"),
        ("@1795344287", "2026-11-22T10:44:47.000000Z"), ("@1795344287.123456789", "2026-11-22T10:44:47.123456Z"),
        ("@0", "1970-01-01T00:00:00.000000Z"),
        ("-1h", "2026-11-22T09:44:47.250000Z"), ("- 1h 30min", "2026-11-22T09:14:47.250000Z"),
        ("+5min", "2026-11-22T10:49:47.250000Z"), ("2 days ago", "2026-11-20T10:44:47.250000Z"),
        ("1.5s left", "2026-11-22T10:44:48.750000Z"), ("-10", "2026-11-22T10:44:37.250000Z"),
        ("2026-11-22 10:00:00 UTC", "2026-11-22T10:00:00.000000Z"),
        ("2026-11-22 10:00 UTC", "2026-11-22T10:00:00.000000Z"), ("2026-11-22 UTC", "2026-11-22T00:00:00.000000Z"),
        ("2026-2-3 4:05:06.7 UTC", "2026-02-03T04:05:06.700000Z"),
        ("Sun 2026-11-22 10:44:47 UTC", "2026-11-22T10:44:47.000000Z"),
        ("sunday 2026-11-22 10:44:47 UTC", "2026-11-22T10:44:47.000000Z"),
        ("10:00 UTC", "2026-11-22T10:00:00.000000Z"), ("10:00:01.5Z", "2026-11-22T10:00:01.500000Z"),
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000Z"),
        ("2026-11-22T10:00:00.25+01:00", "2026-11-22T09:00:00.250000Z"),
        ("2026-11-22 10:00:00-0230", "2026-11-22T12:30:00.000000Z"),
        ("2024-02-29 00:00:00 UTC", "2024-02-29T00:00:00.000000Z"), ("  now ", "2026-11-22T10:44:47.250000Z"),
    ])
    func `a moment is read as journalctl reads it`(text: String, moment: String) throws {
        let time = try #require(WallTime(text, now: Self.now))
        #expect(time.utcText(decimals: 6) == moment)
    }

    @Test(arguments: [
        "", " ", "soon", "@", "@x", "@-1", "-", "-1 fortnight", "ago", "1h", "2026-13-01", "2026-02-30", "2025-02-29",
        "2026-11-22 24:00", "2026-11-22 10:60", "2026-11-22 10:00:60", "2026-11-22 10", "26-11-22",
        "2026-11-22 10:00 CET",
        "Mon 2026-11-22", "Sun 10:00", "2026-11-22 10:00 11:00", "2026-11-22T", "10:00+25:00", "2026/11/22",
        "10:00:00.",
        "2026-11-22 10:00 Europe/Berlin", "-99999999999999999999y", "2026-11-22-01", "٢026-11-22",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(WallTime(text, now: Self.now) == nil)
    }

    @Test func `without a zone it is local time`() throws {
        let text = "2026-07-01 03:04:05"
        #expect(try #require(WallTime(text, now: Self.now)).localText == text)
        let day = Self.now.localText.prefix(10)
        let today = try #require(WallTime("today", now: Self.now))
        #expect(today.localText == day + " 00:00:00")
        let clock = try #require(WallTime("13:14", now: Self.now))
        #expect(clock.localText == day + " 13:14:00")
    }

    @Test func `yesterday, today and tomorrow are a day apart, over the ends of months and years too`() throws {
        let newYear = try #require(WallTime("2027-01-01 12:00:00", now: Self.now))
        let days = try ["yesterday", "today", "tomorrow"].map { try #require(WallTime($0, now: newYear)).localText }
        #expect(days == ["2026-12-31 00:00:00", "2027-01-01 00:00:00", "2027-01-02 00:00:00"])
    }

    @Test func `moments before 1970 have their fractions too`() {
        #expect(WallTime(microseconds: -1).utcText(decimals: 6) == "1969-12-31T23:59:59.999999Z")
        #expect(WallTime(microseconds: -1_000_000).utcText(decimals: 0) == "1969-12-31T23:59:59Z")
    }
}
