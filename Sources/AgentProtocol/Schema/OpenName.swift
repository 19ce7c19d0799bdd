/// A name out of a set that may grow: known ones are constants, unknown ones are kept and never trapped on.
public protocol OpenName: WireValue, Hashable, CustomStringConvertible {
    /// The name on the wire.
    var name: String { get }
    /// The value of that name.
    init(_ name: String)
}

extension OpenName {
    /// The name on the wire.
    public var description: String { name }
}
