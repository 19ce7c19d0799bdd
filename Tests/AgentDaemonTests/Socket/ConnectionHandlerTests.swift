import AgentProtocol
import NIOCore
import NIOEmbedded
import TestSupport
import Testing

@testable import AgentDaemon

@Suite struct ConnectionHandlerTests {
    @Test(arguments: ["", "garbage\n", #"{"jsonrpc":"#])
    func `nothing is left of a connection that is closed`(_ input: String) throws {
        let channel = EmbeddedChannel()
        weak var handler: ConnectionHandler?
        do {
            let made = ConnectionHandler(
                connection: .init(
                    number: 1,
                    socket: .main,
                    caller: Caller(uid: 1000, gid: 1000, pid: 1, supplementaryGroups: []),
                    isProbe: false
                ),
                shared: SocketContext(
                    settings: SocketServerSettings(main: .inherited(0), control: .inherited(0)),
                    clock: TestClock()
                ),
                runner: CallRunner(executor: EventLoopTaskExecutor(eventLoop: channel.eventLoop))
            )
            handler = made
            try channel.pipeline.syncOperations.addHandler(made)
        }
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        if !input.isEmpty { try channel.writeInbound(ByteBuffer(string: input)) }
        #expect(handler != nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(handler == nil)
    }
}
