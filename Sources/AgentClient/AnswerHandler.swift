import AgentProtocol
import NIOCore

/// Cuts what arrives on the socket into lines and reads them; everything else is the connection's business.
///
/// Runs on the channel's event loop only, and holds at most one incomplete line.
final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: ClientConnection
    private var framer = LineFramer(maximumLineBytes: AnswerLine.maximumBytes)

    init(_ connection: ClientConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        var position = 0
        while let event = framer.next(in: buffer.readableBytesUInt8Span, at: &position) {
            switch event {
            case .line(let line):
                connection.received(line)
            case .tooLong:
                connection.violated("a line of more than \(AnswerLine.maximumBytes) bytes")
            case .unterminated:
                break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A failed read or write ends the connection; closing reports it to the calls as `channelInactive`.
        context.close(promise: nil)
    }
}
