import AgentProtocol
import Logging
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
            let made = Self.handler(1, context: Self.context(), runner: Self.runner(of: channel))
            handler = made
            try channel.pipeline.syncOperations.addHandler(made)
        }
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        if !input.isEmpty { try channel.writeInbound(ByteBuffer(string: input)) }
        #expect(handler != nil)
        _ = try channel.finish(acceptAlreadyClosed: true)
        #expect(handler == nil)
    }

    @Test func `answers are held against the limit of the connection when they are queued, not a round later`() throws {
        let channel = EmbeddedChannel()
        let context = Self.context()
        let handler = try Self.connected(1, to: channel, context, calls: 8)
        for id in 1...4 { handler.answered(try Self.call(id), with: Self.answer(bytes: 1 << 20)) }
        #expect(context.counters.statistics(connections: 0).connectionsBroken == 0)
        handler.answered(try Self.call(5), with: Self.answer(bytes: 1 << 20))
        #expect(context.counters.statistics(connections: 0).connectionsBroken == 1)
        #expect(!channel.isActive && context.unreadBudget.holders == 0)
    }

    @Test func `so are those of all connections of a uid together`() throws {
        let context = Self.context { $0.unreadBytesPerUser = 3 << 20 }
        let channels = [EmbeddedChannel(), EmbeddedChannel()]
        let handlers = try channels.enumerated().map { number, channel in
            try Self.connected(UInt64(number), to: channel, context, calls: 8)
        }
        for id in 1...2 { handlers[0].answered(try Self.call(id), with: Self.answer(bytes: (1 << 20) - 1)) }
        handlers[1].answered(try Self.call(1), with: Self.answer(bytes: (1 << 20) - 1))
        #expect(channels.map(\.isActive) == [true, true])
        handlers[1].answered(try Self.call(2), with: Self.answer(bytes: 65_536))
        #expect(channels.map(\.isActive) == [true, false])
    }

    @Test func `a connection that never becomes active gives its place back`() throws {
        let context = Self.context()
        let channel = EmbeddedChannel()
        let caller = Caller(uid: 1000, gid: 1000, pid: 1, supplementaryGroups: [])
        guard
            case .admitted(let number) = context.registry.admit(
                caller: caller,
                socket: .main,
                isProbe: false,
                now: .now
            )
        else { return #expect(Bool(false), "there is room") }
        let handler = Self.handler(number, context: context, runner: Self.runner(of: channel))
        try channel.pipeline.syncOperations.addHandler(handler)
        #expect(context.registry.count == 1)
        // What happens when the listener closes between the two.
        handler.handlerRemoved(context: try channel.pipeline.syncOperations.context(handler: handler))
        #expect(context.registry.count == 0)
    }

    @Test func `connections of two uids take turns of a few lines`() throws {
        let loop = EmbeddedEventLoop()
        let context = Self.context()
        let runner = CallRunner(executor: EventLoopTaskExecutor(eventLoop: loop))
        let order = Order()
        let channels = try [(1, UInt32(1000)), (2, 1000), (3, 2000)].map { number, uid in
            let channel = EmbeddedChannel(loop: loop)
            let handler = Self.handler(UInt64(number), uid: uid, context: context, runner: runner)
            try channel.pipeline.syncOperations.addHandlers([Recorder(number, order), handler])
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
            return channel
        }
        // A chunk each, before any of them has its turn.
        // Each in memory of its own, as what is used up is overwritten.
        for channel in channels {
            channel.pipeline.fireChannelRead(ByteBuffer(string: String(repeating: "0\n", count: 20)))
        }
        loop.run()
        #expect(order.numbers.count == 60)
        // Uid 2000 is served in each second turn until it has nothing left.
        #expect(Array(order.numbers.prefix(8)) == Array(repeating: 1, count: 8))
        #expect(Array(order.numbers.dropFirst(8).prefix(8)) == Array(repeating: 3, count: 8))
        #expect(Array(order.numbers.dropFirst(16).prefix(8)) == Array(repeating: 2, count: 8))
        #expect(Array(order.numbers.dropFirst(24).prefix(8)) == Array(repeating: 3, count: 8))
    }
}

extension ConnectionHandlerTests {
    private static func context(_ change: (inout SocketServerSettings) -> Void = { _ in }) -> SocketContext {
        var settings = SocketServerSettings(main: .inherited(0), control: .inherited(0))
        change(&settings)
        return SocketContext(settings: settings, clock: TestClock(), logger: Logger(label: "test"))
    }

    private static func runner(of channel: EmbeddedChannel) -> CallRunner {
        CallRunner(executor: EventLoopTaskExecutor(eventLoop: channel.eventLoop))
    }

    private static func handler(
        _ number: UInt64,
        uid: UInt32 = 1000,
        context: SocketContext,
        runner: CallRunner
    ) -> ConnectionHandler {
        ConnectionHandler(
            connection: .init(
                number: number,
                socket: .main,
                caller: Caller(uid: uid, gid: uid, pid: 1, supplementaryGroups: []),
                isProbe: false
            ),
            shared: context,
            runner: runner
        )
    }

    /// A connection whose peer reads nothing, with as many calls in flight.
    private static func connected(
        _ number: UInt64,
        to channel: EmbeddedChannel,
        _ context: SocketContext,
        calls: Int
    ) throws -> ConnectionHandler {
        let handler = handler(number, context: context, runner: runner(of: channel))
        try channel.pipeline.syncOperations.addHandlers([FullSocket(), handler])
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        try channel.writeInbound(ByteBuffer(string: (1...calls).map { SocketClient.line("\($0)", "echo") }.joined()))
        channel.embeddedEventLoop.run()
        return handler
    }

    private static func call(_ id: Int) throws -> Call {
        try DispatcherFixture.call(String(SocketClient.line("\(id)", "echo").dropLast()), clock: TestClock())
    }

    private static func answer(bytes: Int) -> Answer {
        Answer(line: Array(repeating: UInt8(ascii: "x"), count: bytes - 1), audit: nil)
    }

    /// A kernel that takes nothing.
    private final class FullSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private var promises: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { promises.append(promise) }
        }

        func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
            for promise in promises { promise.fail(ChannelError.ioOnClosedChannel) }
            promises = []
            context.close(mode: mode, promise: promise)
        }
    }

    /// Which connections were answered, in order.
    private final class Order {
        var numbers: [Int] = []
    }

    private final class Recorder: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer

        private let number: Int
        private let order: Order

        init(_ number: Int, _ order: Order) {
            self.number = number
            self.order = order
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            order.numbers.append(number)
            context.write(data, promise: promise)
        }
    }
}
