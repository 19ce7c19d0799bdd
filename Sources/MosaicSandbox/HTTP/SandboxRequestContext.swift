package import Hummingbird
package import NIOCore

/// The per-request context: Hummingbird's own plus the connection, which some faults cut.
package struct SandboxRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The connection that the request came over.
    package let channel: any Channel

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.channel = source.channel
    }
}
