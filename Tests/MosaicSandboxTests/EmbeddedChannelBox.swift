import NIOCore
import NIOEmbedded

/// A channel that goes nowhere, for contexts of requests that have no connection.
enum EmbeddedChannelBox {
    static var channel: any Channel { NIOAsyncTestingChannel() }
}
