import Foundation
import MosaicSandbox
import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A connection to a running sandbox on which a test says every byte itself, as HTTP libraries other than our own would.
enum RawConnection {
    private static func target(_ sandbox: SandboxDescription) throws -> (port: Int, tls: NIOSSLContext?) {
        let port = try #require(Int(sandbox.adminURL.split(separator: ":").last?.split(separator: "/").first ?? ""))
        let tls = try sandbox.caFile.map { file in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.trustRoots = .file(file)
            return try NIOSSLContext(configuration: configuration)
        }
        return (port, tls)
    }

    /// A connection that had one answer and listens no more, as those in the pools of HTTP libraries.
    static func idle(_ sandbox: SandboxDescription) async throws -> any Channel {
        let (port, tls) = try target(sandbox)
        let answered = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil)) }
                    try pipeline.addHandler(FirstRead(answered))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "GET /cis/oidc/jwks HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        try await answered.futureResult.get()
        return channel
    }

    /// Tells of the first bytes and stops the reading.
    private final class FirstRead: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let promise: EventLoopPromise<Void>

        init(_ promise: EventLoopPromise<Void>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            try? context.channel.syncOptions?.setOption(ChannelOptions.autoRead, value: false)
            promise.succeed()
        }
    }

    /// Connects, over TLS where the sandbox speaks it, and closes the connection after `body`.
    static func with<Result: Sendable>(
        _ sandbox: SandboxDescription,
        _ body: @escaping @Sendable (inout Conversation) async throws -> Result
    ) async throws -> Result {
        let (port, tls) = try target(sandbox)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: nil)
                        )
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var conversation = Conversation(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&conversation)
        }
    }

    /// What a test says and hears.
    struct Conversation {
        fileprivate var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var rest = ""

        fileprivate init(
            inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
            outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        ) {
            self.inbound = inbound
            self.outbound = outbound
        }

        /// Sends text with its line ends as CR LF.
        func send(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text.replacing("\n", with: "\r\n")))
        }

        /// Reads one answer with its body, by its `Content-Length`; nil at the end of the connection.
        mutating func answer() async throws -> Answer? {
            while true {
                if let answer = Answer(&rest) { return answer }
                guard let part = try await inbound.next(isolation: #isolation) else { return nil }
                rest += String(buffer: part)
            }
        }

        /// Reads to the end of the connection and returns what came.
        mutating func remainder() async throws -> String {
            var text = rest
            rest = ""
            while let part = try await inbound.next(isolation: #isolation) { text += String(buffer: part) }
            return text
        }
    }

    /// An answer, taken apart.
    struct Answer {
        let status: String
        /// Fields by their names in lower case.
        let fields: [String: String]
        let body: String

        /// Takes the first answer off the text, if it is complete.
        fileprivate init?(_ text: inout String) {
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
            status = lines.removeFirst()
            var fields: [String: String] = [:]
            for line in lines {
                let parts = line.split(separator: ":", maxSplits: 1)
                fields[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            }
            self.fields = fields
            let length = fields["content-length"].flatMap { Int($0) } ?? 0
            let rest = Array(text[end.upperBound...].utf8)
            guard rest.count >= length else { return nil }
            body = String(decoding: rest[..<length], as: UTF8.self)
            text = String(decoding: rest[length...], as: UTF8.self)
        }
    }
}
