import AgentProtocol
import Logging
import Systemd
import Testing

@testable import AgentDaemon

@Suite struct LogLevelControlTests {
    @Test func `a level that is set holds until the configuration is read again`() {
        let setting = LogLevelSetting(.info)
        let control = LogLevelControl(setting, source: .environment)
        #expect(control.standing == .init(level: "info", source: .environment, configured: "info"))
        let set = control.set(.debug)
        #expect(set.change == .init(previous: .info, level: .debug))
        #expect(set.standing == .init(level: "debug", source: .control, configured: "info"))
        #expect(setting.level == .debug)
        // Set to what it is: no change, but a reload will still take it back.
        #expect(control.set(.debug).change == nil)
        var settings = DaemonSettings.defaults
        settings.logLevel = .warning
        settings.logLevelSource = .configuration
        #expect(control.configure(settings) == .init(previous: .debug, level: .warning))
        #expect(control.standing == .init(level: "warning", source: .configuration, configured: "warning"))
        #expect(control.configure(settings) == nil)
    }

    @Test func `the configured level can be put back`() {
        let setting = LogLevelSetting(.notice)
        let control = LogLevelControl(setting, source: .fallback)
        _ = control.set(.trace)
        let back = control.set(nil)
        #expect(back.change == .init(previous: .trace, level: .notice))
        #expect(back.standing == .init(level: "notice", source: .fallback, configured: "notice"))
        #expect(setting.level == .notice)
    }
}
