import AgentProtocol
import StrictJSON

/// How many bytes a result still has room for, so that lists in it end before it is too large.
struct ResultRoom {
    /// What lists may take together; leaves room for what is around them.
    private(set) var bytes = ProtocolLimits.maximumResultBytes - 4096

    /// As many of the first elements as there is room for; takes that room.
    mutating func fitting<Element: WireObject>(_ elements: some Sequence<Element>) -> [Element] {
        var fitting: [Element] = []
        for element in elements {
            var writer = JSONWriter()
            element.encode(to: &writer)
            // With the comma behind it.
            let length = writer.bytes.count + 1
            guard length <= bytes else { break }
            bytes -= length
            fitting.append(element)
        }
        return fitting
    }
}
