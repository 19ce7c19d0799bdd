/// What a value in an answer has to be.
indirect enum Shape: Sendable {
    /// A string that is not empty.
    case text
    /// A signed JWT: three parts in base64url.
    case jwt
    /// The usual form of a `request_id`: a random UUID in lower case.
    case requestID
    /// An integer from zero.
    case count
    case boolean
    case object
    case list
    /// An array of such elements, at least one.
    case listOf(Shape)
    case equal(JSONTree)
    /// An object with exactly these members.
    case members([String: Shape])
    /// An object with at least these members.
    case including([String: Shape])
    /// May be missing.
    case optional(Shape)

    /// What is wrong with a value; empty when nothing is.
    func problems(_ value: JSONTree?, at path: String) -> [String] {
        if case .optional(let shape) = self {
            return value == nil ? [] : shape.problems(value, at: path)
        }
        guard let value else { return ["\(path) is missing"] }
        switch self {
        case .members(let shapes), .including(let shapes):
            guard let members = value.object else { return ["\(path) is no object"] }
            var problems = shapes.keys.sorted().flatMap { name in
                shapes[name].map { $0.problems(members[name], at: "\(path).\(name)") } ?? []
            }
            if case .members = self {
                problems += members.keys.filter { shapes[$0] == nil }.sorted().map {
                    "\(path).\($0) should not be there"
                }
            }
            return problems
        case .listOf(let shape):
            guard let elements = value.array, !elements.isEmpty else { return ["\(path) is no array with elements"] }
            return elements.enumerated().flatMap { shape.problems($1, at: "\(path)[\($0)]") }
        default:
            return isMet(by: value) ? [] : ["\(path) is not \(self)"]
        }
    }

    private func isMet(by value: JSONTree) -> Bool {
        switch self {
        case .text: value.string?.isEmpty == false
        case .jwt: value.string?.wholeMatch(of: #/[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/#) != nil
        case .requestID:
            value.string?.wholeMatch(of: #/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/#) != nil
        case .count: value.integer.map { $0 >= 0 } ?? false
        case .boolean: value.boolean != nil
        case .object: value.object != nil
        case .list: value.array != nil
        case .equal(let other): value == other
        case .listOf, .members, .including, .optional: true
        }
    }
}
