extension WallTime {
    /// Reads a moment in the forms that journalctl(1) takes (systemd.time(7)).
    ///
    /// `now`, `today`, `yesterday`, `tomorrow` · `-1h 30min`, `+5min`, `2 days ago`, `1min left` · `@1763806805.5` ·
    /// `2026-11-22 10:00:00.5`, `2026-11-22 10:00`, `2026-11-22`, `10:00:00`, `10:00`, with a weekday before it, and behind
    /// it `UTC`, `Z` or an offset such as `+01:00`; else the time is local. RFC 3339's `T` is taken too. Names of other time
    /// zones are not.
    ///
    /// - Parameter now: what relative times and days are counted from.
    package init?(_ text: String, now: WallTime) {
        var text = text[...].drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        guard
            let found = Self.named(text, now) ?? Self.relative(text, now) ?? Self.sinceEpoch(text)
                ?? Self.calendar(text, now)
        else { return nil }
        self = found
    }

    private static func named(_ text: Substring, _ now: WallTime) -> WallTime? {
        switch text {
        case "now": now
        case "today": self.midnight(0, now)
        case "yesterday": self.midnight(-1, now)
        case "tomorrow": self.midnight(1, now)
        default: nil
        }
    }

    private static func midnight(_ days: Int, _ now: WallTime) -> WallTime? {
        guard let today = CalendarFields(seconds: now.seconds, zone: .local) else { return nil }
        let day = CalendarFields(year: today.year, month: today.month, day: today.day + days)
        return WallTime(seconds: day.seconds(in: .local))
    }

    private static func relative(_ text: Substring, _ now: WallTime) -> WallTime? {
        let span: Substring
        let sign: Int64
        if text.hasPrefix("-") || text.hasPrefix("+") {
            (span, sign) = (text.dropFirst(), text.hasPrefix("-") ? -1 : 1)
        } else if text.hasSuffix(" ago") {
            (span, sign) = (text.dropLast(4), -1)
        } else if text.hasSuffix(" left") {
            (span, sign) = (text.dropLast(5), 1)
        } else {
            return nil
        }
        guard let (seconds, attoseconds) = TimeSpan.parse(String(span))?.components else { return nil }
        let (moment, overflow) = now.microseconds.addingReportingOverflow(
            sign * (seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
        )
        return overflow ? nil : WallTime(microseconds: moment)
    }

    private static func sinceEpoch(_ text: Substring) -> WallTime? {
        guard text.first == "@", let (seconds, fraction) = self.decimal(text.dropFirst(), digits: 1...11) else {
            return nil
        }
        return WallTime(seconds: seconds, fraction: fraction)
    }

    private static func calendar(_ text: Substring, _ now: WallTime) -> WallTime? {
        var words = text.split(separator: " ")
        let weekday = words.first.flatMap { self.weekday($0) }
        if weekday != nil { words.removeFirst() }
        if words.count == 1, let mark = words[0].firstIndex(of: "T") {
            words = [words[0][..<mark], words[0][words[0].index(after: mark)...]]
        }
        var offset: Int?
        if words.last == "UTC" {
            offset = 0
            words.removeLast()
        } else if words.count > 0, words[words.count - 1].contains(":") {
            let (rest, found) = self.withoutOffset(words[words.count - 1])
            (words[words.count - 1], offset) = (rest, found)
        }
        guard let first = words.first, words.count <= 2 else { return nil }
        let zone: CalendarFields.Zone = offset == nil ? .local : .utc
        var fields: CalendarFields
        if first.contains("-") {
            guard let day = self.day(first) else { return nil }
            fields = day
            words.removeFirst()
        } else {
            // A day of the week without a date says nothing of which.
            guard weekday == nil, let today = CalendarFields(seconds: now.seconds + (offset ?? 0), zone: zone) else {
                return nil
            }
            fields = CalendarFields(year: today.year, month: today.month, day: today.day)
        }
        var fraction = 0
        if let time = words.first {
            guard words.count == 1, let parts = self.time(time) else { return nil }
            (fields.hour, fields.minute, fields.second, fraction) = parts
        }
        let seconds = fields.seconds(in: zone)
        if let weekday, CalendarFields(seconds: seconds, zone: zone)?.weekday != weekday { return nil }
        return WallTime(seconds: seconds - (offset ?? 0), fraction: fraction)
    }

    /// 0 for Sunday; whole names and their first three letters, as systemd has them.
    private static func weekday(_ word: Substring) -> Int? {
        let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        let word = word.lowercased()
        return names.firstIndex { $0 == word || $0.prefix(3) == word }
    }

    private static func day(_ word: Substring) -> CalendarFields? {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = self.number(parts[0], digits: 4...4, in: 1970...9999),
            let month = self.number(parts[1], digits: 1...2, in: 1...12),
            let day = self.number(parts[2], digits: 1...2, in: 1...31)
        else { return nil }
        let fields = CalendarFields(year: year, month: month, day: day)
        // The 30th of February would become the 2nd of March.
        return CalendarFields(seconds: fields.seconds(in: .utc), zone: .utc)?.day == day ? fields : nil
    }

    private static func time(_ word: Substring) -> (hour: Int, minute: Int, second: Int, fraction: Int)? {
        let parts = word.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3, let hour = self.number(parts[0], digits: 1...2, in: 0...23),
            let minute = self.number(parts[1], digits: 1...2, in: 0...59)
        else { return nil }
        guard parts.count == 3 else { return (hour, minute, 0, 0) }
        guard let (second, fraction) = self.decimal(parts[2], digits: 1...2), second < 60 else { return nil }
        return (hour, minute, second, fraction)
    }

    /// A time of the day without the zone at its end, and the zone's seconds east of Greenwich.
    private static func withoutOffset(_ word: Substring) -> (Substring, Int?) {
        if word.hasSuffix("Z") { return (word.dropLast(), 0) }
        guard let mark = word.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return (word, nil) }
        let digits = word[word.index(after: mark)...].filter { $0 != ":" }
        guard digits.count == 4, let hours = self.number(digits.prefix(2), digits: 2...2, in: 0...23),
            let minutes = self.number(digits.suffix(2), digits: 2...2, in: 0...59)
        else { return (word, nil) }
        return (word[..<mark], (word[mark] == "-" ? -1 : 1) * (hours * 3600 + minutes * 60))
    }

    private static func number(_ text: Substring, digits: ClosedRange<Int>, in range: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), range.contains(number)
        else { return nil }
        return number
    }

    /// Seconds, and the microseconds of their fraction.
    private static func decimal(_ text: Substring, digits: ClosedRange<Int>) -> (seconds: Int, fraction: Int)? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = self.number(parts[0], digits: digits, in: 0...99_999_999_999) else { return nil }
        guard parts.count == 2 else { return (whole, 0) }
        let padded = parts[1].prefix(6) + String(repeating: "0", count: max(0, 6 - parts[1].count))
        guard self.number(parts[1], digits: 1...18, in: 0...Int.max) != nil, let fraction = Int(padded) else {
            return nil
        }
        return (whole, fraction)
    }

    private init(seconds: Int, fraction: Int = 0) {
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    }
}
