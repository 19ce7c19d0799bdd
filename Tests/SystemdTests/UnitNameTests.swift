import Systemd
import Testing

@Suite struct `Names of units` {
    @Test(arguments: [
        ("a.service", "a", nil, "service"), ("a@.service", "a", "", "service"), ("a@b.service", "a", "b", "service"),
        ("a@b@c.service", "a", "b@c", "service"), ("a.b@c.d.scope", "a.b", "c.d", "scope"),
        ("-.slice", "-", nil, "slice"),
        ("dev-disk-by\\x2dlabel-x.device", "dev-disk-by\\x2dlabel-x", nil, "device"),
    ])
    func `have a prefix, perhaps an instance, and a type`(
        _ text: String,
        _ prefix: String,
        _ instance: String?,
        _ type: String
    ) throws {
        let name = try #require(UnitName(text))
        #expect(name.prefix == prefix && name.instance == instance && name.type == type)
    }

    @Test(arguments: [
        "", ".", "a", "a.", "a.exe", ".service", "@.service", "@a.service", "a b.service", "a/b.service", "a*.service",
        "ä.service", "a\n.service", "a.service ", "a.Service", String(repeating: "a", count: 248) + ".service",
    ])
    func `are nothing else`(_ text: String) {
        #expect(UnitName(text) == nil)
    }

    @Test(arguments: [
        ("a.service", true), ("a@b.service", true), ("a@.service", false), ("a.slice", false), ("a.timer", false),
        ("a.scope", true), (String(repeating: "a", count: 247) + ".service", true),
    ])
    func `tell whether processes can belong to the unit`(_ text: String, _ can: Bool) {
        #expect(UnitName(text)?.canHaveProcesses == can)
    }
}
