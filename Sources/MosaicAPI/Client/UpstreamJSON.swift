package import StrictJSON

/// The JSON of Mosaic's success answers.
///
/// The agent is strict in what it sends and tolerant in what it reads: of an answer with a part that its own protocol would refuse
/// the other parts are used, and the part is as if it were not there (see `JSONDocument.init(tolerating:maximumDepth:)`).
enum UpstreamJSON {
    /// The deepest nesting that is taken, as in the agent's own protocol.
    static let maximumDepth = 16

    /// The outermost value, or `nil` when the body is no JSON.
    ///
    /// - Parameter levels: How many levels deeper a value of the answer stands in the agent's own.
    static func root(of body: [UInt8], deeper levels: Int = 0) -> JSONValue? {
        try? JSONDocument(tolerating: body, maximumDepth: maximumDepth - levels).root
    }

    /// The outermost value if it is an object.
    static func object(of body: [UInt8]) -> JSONValue? {
        root(of: body).flatMap { $0.kind == .object ? $0 : nil }
    }
}

/// An object of Mosaic's that is passed on, without the members that cannot be.
package struct ForwardedObject: Sendable, Hashable {
    /// The object: as Mosaic wrote it, or written anew where something was left out.
    package let json: JSONText
    /// The keys of the members that were left out, as they were written, shortened.
    package let omitted: [String]

    /// An object that was taken before.
    package init(json: JSONText, omitted: [String] = []) {
        self.json = json
        self.omitted = omitted
    }

    /// The longest key that is told, in bytes.
    private static let maximumKeyLength = 64

    /// Takes an object; `nil` for any other value.
    init?(_ value: JSONValue) {
        guard let members = value.members else { return nil }
        if value.isSound {
            json = value.rawText
            omitted = []
            return
        }
        var omitted: [String] = []
        var known: Set<String> = []
        json = JSONText { writer in
            writer.beginObject()
            for (key, member) in members {
                if member.isSound, let name = key.string {
                    writer.key(name)
                    writer.raw(member.rawText)
                } else {
                    let name = Self.name(of: key)
                    if known.insert(name).inserted { omitted.append(name) }
                }
            }
            writer.endObject()
        }
        self.omitted = omitted
    }

    private static func name(of key: JSONValue) -> String {
        let written = key.rawBytes.dropFirst().dropLast()
        return String(decoding: written.prefix(maximumKeyLength), as: UTF8.self)
    }
}

/// The elements of a list of Mosaic's that can be passed on, and the positions of those that cannot.
package struct ForwardedList<Element: Sendable>: Sendable {
    /// An element with its position in Mosaic's list, counted from 0.
    package struct Entry: Sendable {
        /// The position.
        package let position: Int
        /// The element.
        package let element: Element
    }

    /// The elements, in Mosaic's order.
    package private(set) var elements: [Entry] = []
    /// The positions of the elements that were left out.
    package private(set) var omitted: [Int] = []

    /// A list that was taken before.
    package init(_ elements: [Element]) {
        self.elements = elements.enumerated().map { Entry(position: $0.offset, element: $0.element) }
    }

    /// Reads the elements of a list; `read` answers `nil` for one that cannot be passed on.
    init(_ list: JSONElements, read: (JSONValue) -> Element?) {
        for (position, value) in list.enumerated() {
            if let element = read(value) {
                elements.append(Entry(position: position, element: element))
            } else {
                omitted.append(position)
            }
        }
    }
}
