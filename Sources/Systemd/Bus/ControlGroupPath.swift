/// What the path of a control group says about units, as systemd lays groups out: slices within slices, and in them the
/// unit's own group, in which the unit may make more.
package enum ControlGroupPath {
    /// The uid whose manager a unit of the system's manager is: that of `user@1000.service`.
    package static func manager(inUnit name: String) -> UInt32? {
        guard let unit = UnitName(name), unit.prefix == "user", unit.type == "service", let instance = unit.instance,
            instance.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let uid = UInt32(instance), uid != .max, String(uid) == instance
        else { return nil }
        return uid
    }

    /// The unit of a user's manager that a group belongs to.
    ///
    /// `/user.slice/user-1000.slice/user@1000.service/app.slice/app.service/below` is of `app.service`.
    ///
    /// - Parameter manager: the unit of the system's manager that this manager is.
    /// - Returns: nil if the path does not lead through that manager, or not to a unit in it.
    package static func userUnit(in path: String, below manager: String) -> String? {
        let groups = path.utf8.split(separator: UInt8(ascii: "/")).map { Self.unescaped($0) }
        let inside = groups.drop { Self.isSlice($0) }
        guard inside.first == manager else { return nil }
        guard let unit = inside.dropFirst().first(where: { !Self.isSlice($0) }), let name = UnitName(unit),
            name.canHaveProcesses
        else { return nil }
        return unit
    }

    private static func isSlice(_ group: String) -> Bool {
        UnitName(group)?.type == "slice"
    }

    /// systemd puts an underscore before names that mean something to the kernel, and before those that begin with one.
    private static func unescaped(_ group: Substring.UTF8View) -> String {
        String(decoding: group.first == UInt8(ascii: "_") ? group.dropFirst() : group, as: UTF8.self)
    }
}
