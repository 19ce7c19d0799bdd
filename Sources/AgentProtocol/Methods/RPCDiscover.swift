public import StrictJSON

/// `rpc.discover`: the methods of the socket as an OpenRPC document.
public enum RPCDiscover: AgentMethod {
    /// `rpc.discover` takes no parameters.
    public typealias Parameters = EmptyParameters

    /// An OpenRPC document.
    public struct Result: MethodResult, Hashable {
        /// The document.
        public var document: JSONText

        /// The document as the result.
        public init(document: JSONText) { self.document = document }

        /// Any object: OpenRPC has its own schema.
        public static let schema = Schema.anyObject

        /// Takes the document as it is.
        public init(reading object: ObjectReader) { document = object.value.rawText }

        /// Writes the document.
        public func encode(to writer: inout JSONWriter) { writer.raw(document) }
    }

    /// What is known about the method.
    public static let descriptor = MethodDescriptor(
        of: Self.self,
        name: "rpc.discover",
        sockets: [.main, .control],
        summary: "Describes the methods of this socket as an OpenRPC document.",
        doc: "Each socket describes its own methods. Schemas of values that must be kept secret carry `x-sensitive`.",
        requirement: .everyone
    )
}
