import Glibc
import Logging
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct SocketMonitorTests {
    @Test func `knows whether the path of a socket still leads to the file that it listened on`() throws {
        let scratch = try ScratchDirectory()
        let path = scratch["s.sock"]
        func bind() throws -> OwnedDescriptor {
            let descriptor = try makeSocket(for: path)
            let address = try #require(UnixAddress(path: path))
            #expect(unsafe address.call(Glibc.bind, on: descriptor.rawValue) == 0)
            return descriptor
        }
        let own = try bind()
        #expect(UnixAddress(boundTo: own.rawValue)?.path == path)
        let monitor = SocketMonitor(
            places: [SocketMonitor.Place(socket: .main, path: path, isInherited: false)],
            context: SocketContext(
                settings: SocketServerSettings(
                    main: .path(path, mode: 0o660, group: nil),
                    control: .path(path + ".control", mode: 0o600, group: nil)
                ),
                clock: TestClock(),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ),
            maximumConnections: 1
        )
        func finding() -> SocketFileCondition.Finding? { monitor.fileConditions.first?.finding }
        #expect(finding() == nil, "it does not listen yet")
        monitor.noteFiles()
        #expect(finding() == .own)
        // Kept, so that the file system gives the next file another number.
        #expect(unsafe rename(path, path + ".old") == 0)
        #expect(finding() == .missing)
        let other = try bind()
        #expect(finding() == .replaced)
        #expect(unsafe rename(path + ".old", path) == 0)
        #expect(finding() == .own)
        try scratch.removeFile("s.sock")
        try scratch.write("s.sock", "")
        #expect(finding() == .replaced)
        monitor.beginDraining()
        #expect(finding() == nil, "an agent that stops takes its socket away itself")
        _ = (own.rawValue, other.rawValue)
    }
}
