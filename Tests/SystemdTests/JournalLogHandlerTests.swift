import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct JournalLogHandlerTests {
    private static func handler(level: LogLevelSetting = LogLevelSetting(.info)) -> JournalLogHandler {
        JournalLogHandler(label: "tokens", identifier: "mosaicd", target: .journal, level: level)
    }

    private static func event(
        _ message: Logger.Message,
        level: Logger.Level = .info,
        error: (any Error)? = nil,
        metadata: Logger.Metadata? = nil
    ) -> LogEvent {
        LogEvent(
            level: level,
            message: message,
            error: error,
            metadata: metadata,
            source: nil,
            file: "Module/File.swift",
            function: "run()",
            line: 42
        )
    }

    private static func texts(_ record: JournalRecord) -> [String] {
        record.fields.map { "\($0.name)=\(String(decoding: $0.value, as: UTF8.self))" }
    }

    @Test func `an entry has the message, where it came from and a field for each piece of metadata`() {
        let event = Self.event("Token refreshed", metadata: ["client": "default", "expires_in": "\(3600)"])
        #expect(
            Self.texts(Self.handler().record(of: event)) == [
                "MESSAGE=Token refreshed client=default expires_in=3600", "PRIORITY=6", "SYSLOG_IDENTIFIER=mosaicd",
                "LOGGER=tokens", "CODE_FILE=Module/File.swift", "CODE_LINE=42", "CODE_FUNC=run()",
                "MOSAIC_CLIENT=default", "MOSAIC_EXPIRES_IN=3600",
            ]
        )
    }

    @Test(arguments: [
        (Logger.Level.trace, 7), (.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3), (.critical, 2),
    ])
    func `levels become priorities`(_ level: Logger.Level, _ priority: Int) {
        let record = Self.handler().record(of: Self.event("x", level: level))
        #expect(Self.texts(record).contains("PRIORITY=\(priority)"))
        #expect(
            Self.handler().line(of: Self.event("x", level: level), format: .priorityPrefixed, at: .now())
                == "<\(priority)>x\n"
        )
    }

    @Test func `metadata cannot pass for another field`() {
        let event = Self.event(
            "real",
            metadata: ["MESSAGE": "forged", "PRIORITY": "0", "_PID": "1", "SYSLOG_IDENTIFIER": "sshd"]
        )
        let fields = Self.handler().record(of: event).fields
        #expect(fields.filter { $0.name == "MESSAGE" }.count == 1)
        #expect(fields.filter { $0.name == "PRIORITY" }.map(\.value) == [[UInt8(ascii: "6")]])
        #expect(fields.filter { $0.name == "SYSLOG_IDENTIFIER" }.map(\.value) == [Array("mosaicd".utf8)])
        #expect(fields.suffix(4).allSatisfy { $0.name.hasPrefix("MOSAIC_") })
    }

    @Test func `a value keeps its lines as a field and loses them in the message`() {
        let event = Self.event("Refused", metadata: ["reason": "a\nPRIORITY=0\n\u{1B}[31mb"])
        let texts = Self.texts(Self.handler().record(of: event))
        #expect(texts.first == #"MESSAGE=Refused reason="a\nPRIORITY=0\n\u{1B}[31mb""#)
        #expect(texts.last == "MOSAIC_REASON=a\nPRIORITY=0\n\u{1B}[31mb")
    }

    @Test func `the event's metadata wins over the logger's, and that over the provider's`() {
        var handler = Self.handler()
        handler.metadataProvider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "c": "provider"] }
        handler[metadataKey: "b"] = "logger"
        handler[metadataKey: "c"] = "logger"
        let record = handler.record(of: Self.event("x", metadata: ["c": "event"]))
        #expect(Self.texts(record).suffix(3) == ["MOSAIC_A=provider", "MOSAIC_B=logger", "MOSAIC_C=event"])
    }

    @Test func `an error that comes with the event is a piece of metadata`() {
        let error = SystemCallError(call: "connect", number: ECONNREFUSED)
        let record = Self.handler().record(of: Self.event("Failed", error: error))
        #expect(Self.texts(record).first == #"MESSAGE=Failed error="connect: Connection refused""#)
        #expect(Self.texts(record).last == "MOSAIC_ERROR=connect: Connection refused")
    }

    @Test func `sensitive values read as redacted, at any depth`() {
        let canary = "c4nary"
        let event = Self.event(
            "Login",
            metadata: [
                "plain": "\(canary, sensitivity: .sensitive)", "partly": "user \(canary, sensitivity: .sensitive) here",
                "mixed": "\("a", sensitivity: .public) \(canary, sensitivity: .sensitive) \("b", sensitivity: .public)",
                "list": ["\(canary, sensitivity: .sensitive)", "seen"],
                "tree": ["deep": ["deeper": "\(canary, sensitivity: .sensitive)"]],
                "open": "\("shown", sensitivity: .public)",
            ]
        )
        let record = Self.texts(Self.handler().record(of: event))
        #expect(
            record.suffix(6) == [
                "MOSAIC_LIST=[<redacted>, seen]", "MOSAIC_MIXED=<redacted>", "MOSAIC_OPEN=shown",
                "MOSAIC_PARTLY=<redacted>", "MOSAIC_PLAIN=<redacted>", "MOSAIC_TREE={deep: {deeper: <redacted>}}",
            ]
        )
        for format in [LoggingTarget.TextFormat.plain, .priorityPrefixed] {
            let line = Self.handler().line(of: event, format: format, at: .now())
            #expect(!(record.joined() + line).contains(canary))
        }
    }

    @Test(arguments: [
        ("simple", "k=simple"), ("", #"k="""#), ("two words", #"k="two words""#), (#"say "hi""#, #"k="say \"hi\"""#),
        (#"C:\x"#, #"k="C:\\x""#), ("a=b", #"k="a=b""#), ("a\nb", #"k="a\nb""#), ("a\r\tb", #"k="a\r\tb""#),
        ("\u{1B}[2J", #"k="\u{1B}[2J""#), ("\u{9B}31m", #"k="\u{9B}31m""#), ("\u{7F}", #"k="\u{7F}""#),
        ("\u{202E}txt", #"k="\u{202E}txt""#), ("a\u{2028}b", #"k="a\u{2028}b""#), ("grüße", "k=grüße"),
        ("\0", #"k="\u{0}""#),
    ])
    func `a value stays on its line and in its place`(_ value: String, _ text: String) {
        let event = Self.event("m", metadata: ["k": .string(value)])
        #expect(Self.handler().line(of: event, format: .priorityPrefixed, at: .now()) == "<6>m \(text)\n")
    }

    @Test func `a message cannot begin a second line, nor a key a second pair`() {
        let event = Self.event("one\n<0>two", metadata: ["a b=\nc": "v", "": "w"])
        let line = Self.handler().line(of: event, format: .priorityPrefixed, at: .now())
        #expect(line == #"<6>one\n<0>two _=w a_b__c=v"# + "\n")
    }

    @Test func `a plain line has time, level and name`() {
        let time = WallTime(microseconds: 1_795_321_205_007_000)
        let event = Self.event("Ready", level: .notice, metadata: ["sockets": "2"])
        #expect(
            Self.handler().line(of: event, format: .plain, at: time)
                == "2026-11-22T04:20:05.007Z notice mosaicd: Ready sockets=2\n"
        )
    }

    @Test func `a logger's level is the shared one until it gets its own`() {
        let shared = LogLevelSetting(.info)
        let first = Self.handler(level: shared)
        var second = first
        second.logLevel = .error
        #expect(first.logLevel == .info)
        shared.level = .debug
        #expect(first.logLevel == .debug)
        #expect(second.logLevel == .error)
    }

    @Test func `metadata of one logger does not show in its copy`() {
        var first = Logger(label: "x") { _ in Self.handler() }
        let second = first
        first[metadataKey: "k"] = "v"
        #expect(first[metadataKey: "k"] == "v")
        #expect(second[metadataKey: "k"] == nil)
    }

    @Test func `a logger writes each event as one line to its stream`() async throws {
        try await withTemporaryDirectory { directory in
            let receiver = try UnixSocket(SOCK_DGRAM, boundTo: "\(directory)/log")
            let sender = try UnixSocket(SOCK_DGRAM, boundTo: "\(directory)/sender")
            try sender.connectDatagrams(to: "\(directory)/log")
            let logger = Logger(label: "x") { label in
                JournalLogHandler(
                    label: label,
                    identifier: "test",
                    target: .stream(descriptor: sender.descriptor, format: .priorityPrefixed),
                    level: LogLevelSetting(.info)
                )
            }
            logger.warning("First", metadata: ["n": "1"])
            logger.debug("Not shown")
            logger.info("Second")
            #expect(receiver.received() == ["<4>First n=1\n", "<6>Second\n"])
        }
    }
}

@Suite struct LoggingTargetTests {
    private static func id(of descriptor: CInt) -> String {
        var status = stat()
        unsafe fstat(descriptor, &status)
        return "\(status.st_dev):\(status.st_ino)"
    }

    @Test func `standard error is the journal's stream when device and inode agree`() async throws {
        try await withTemporaryDirectory { directory in
            let stream = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/stream")
            let id = Self.id(of: stream.descriptor)
            for (variable, expected) in [
                (id, true), (nil, false), ("", false), (":", false), ("1", false), ("\(id):1", false),
                (" \(id)", false),
                ("\(id)0", false), ("1\(id)", false), ("-1:1", false), ("x:y", false),
            ] {
                let environment = Environment(variable.map { ["JOURNAL_STREAM": $0] } ?? [:])
                #expect(
                    LoggingTarget.isJournalStream(stream.descriptor, environment: environment) == expected,
                    "\(variable ?? "unset")"
                )
            }
            #expect(!LoggingTarget.isJournalStream(-1, environment: Environment(["JOURNAL_STREAM": id])))
        }
    }

    @Test func `a standard error that leads elsewhere gets plain lines`() {
        #expect(
            LoggingTarget.detect(environment: Environment(["JOURNAL_STREAM": "1:2"]))
                == .stream(descriptor: STDERR_FILENO, format: .plain)
        )
    }

    @Test(.enabled(if: !JournalSender().isAvailable, "this machine has a journald"))
    func `a journal's stream without a journal socket gets lines with their priority`() async throws {
        try await withTemporaryDirectory { directory in
            let stream = try UnixSocket(SOCK_STREAM, boundTo: "\(directory)/stream")
            let environment = Environment(["JOURNAL_STREAM": Self.id(of: stream.descriptor)])
            #expect(
                LoggingTarget.detect(environment: environment, standardError: stream.descriptor)
                    == .stream(descriptor: stream.descriptor, format: .priorityPrefixed)
            )
        }
    }

    @Test func `a journal is there when somebody receives at its socket`() async throws {
        try await withTemporaryDirectory { directory in
            let path = "\(directory)/socket"
            #expect(!JournalSender.answers(at: path), "nothing there")
            do {
                let socket = try UnixSocket(SOCK_DGRAM, boundTo: path)
                #expect(JournalSender.answers(at: path))
                withExtendedLifetime(socket) {}
            }
            #expect(!JournalSender.answers(at: path), "left behind by a process that is gone")
            try write("", to: "\(directory)/file", mode: 0o600)
            #expect(!JournalSender.answers(at: "\(directory)/file"))
            #expect(!JournalSender.answers(at: "/" + String(repeating: "x", count: 200)))
        }
    }
}
