import Systemd
import Testing

@Suite struct `Paths of control groups` {
    private static let manager = "user@1000.service"

    @Test(arguments: [
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app.service", "app.service"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/app.service/below/other.service", "app.service"),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/app-mail.slice/app-mail@1.service",
            "app-mail@1.service"
        ),
        ("/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/session.slice/_cpu.service", "cpu.service"),
        ("/user.slice/user-1000.slice/user@1000.service/__a.service", "_a.service"),
        ("/user@1000.service/a\\x2db.service/", "a\\x2db.service"),
        ("//user@1000.service//a.service", "a.service"),
    ])
    func `name a unit of the user's manager`(_ path: String, _ unit: String) {
        #expect(ControlGroupPath.userUnit(in: path, below: Self.manager) == unit)
    }

    @Test(arguments: [
        "", "/", "/user.slice", "/user.slice/user-1000.slice/user@1000.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice",
        "/user.slice/user-1000.slice/user@1001.service/app.slice/app.service",
        "/user.slice/user-1000.slice/session-1.scope/user@1000.service/app.service",
        "/system.slice/evil.service/user@1000.service/app.service", "/system.slice/app.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/nonsense/app.service",
        "/user.slice/user-1000.slice/user@1000.service/app@.service", "/user@1000.service/app.timer",
    ])
    func `name none where there is none`(_ path: String) {
        #expect(ControlGroupPath.userUnit(in: path, below: Self.manager) == nil)
    }

    private static let managers: [(String, UInt32?)] = [
        ("user@1000.service", 1_000), ("user@0.service", 0), ("user@4294967294.service", 4_294_967_294),
        ("user@4294967295.service", nil), ("user@4294967296.service", nil), ("user@01.service", nil),
        ("user@+1.service", nil), ("user@.service", nil), ("user@alice.service", nil), ("user.service", nil),
        ("user@1000.scope", nil), ("users@1000.service", nil), ("user@1000@1.service", nil), ("user@-1.service", nil),
    ]

    @Test(arguments: managers)
    func `begin at the manager of a user`(_ unit: String, _ uid: UInt32?) {
        #expect(ControlGroupPath.manager(inUnit: unit) == uid)
    }
}
