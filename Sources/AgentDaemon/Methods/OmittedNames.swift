import AgentProtocol
import MosaicAPI

/// The names of what a result leaves out of what Mosaic sent, as the `omitted` of results tells them.
struct OmittedNames {
    /// More than so many are not told one by one.
    static let maximum = 100

    private var names: [String] = []
    private var untold = 0

    /// The value of `omitted`.
    var list: [String] { untold == 0 ? names : names + ["and \(untold) more"] }

    /// Adds a name.
    mutating func add(_ name: String) {
        if names.count < Self.maximum { names.append(name) } else { untold += 1 }
    }

    /// Adds the elements of Mosaic's list that were left out whole.
    mutating func add(elements positions: [Int]) {
        for position in positions { add("list[\(position)]") }
    }

    /// Adds members of an element of the result's own list.
    mutating func add(_ members: [String], of list: String, at index: Int) {
        for member in members { add("\(list)[\(index)].\(member)") }
    }
}

extension UserResult {
    /// The result about a user, as Mosaic described it.
    init(_ user: MosaicUser) {
        var omitted = user.object.omitted
        let object = UserObject(user.object.json, omitted: &omitted)
        var names = OmittedNames()
        for name in omitted { names.add(name) }
        self.init(user: object, omitted: names.list)
    }
}
