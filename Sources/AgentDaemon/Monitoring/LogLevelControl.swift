import AgentProtocol
import Logging
import Synchronization
import Systemd

/// Which messages are logged: as the configuration says, or as was asked for on the control socket meanwhile.
final class LogLevelControl: Sendable {
    /// A change that has happened.
    struct Change: Sendable, Equatable {
        let previous: Logger.Level
        let level: Logger.Level
    }

    private struct State {
        var configured: Logger.Level
        var source: LogLevelSource
        var isSet = false
    }

    private let setting: LogLevelSetting
    private let state: Mutex<State>

    /// The control of `setting`, which is as the configuration says.
    init(_ setting: LogLevelSetting, source: LogLevelSource) {
        self.setting = setting
        state = Mutex(State(configured: setting.level, source: source))
    }

    /// The level in force and where it comes from.
    var standing: DaemonLogLevel.Result { state.withLock { standing($0) } }

    /// Puts the level of a configuration in force, whatever was set before.
    ///
    /// - Returns: the change; nil if the level is what it was.
    func configure(_ settings: DaemonSettings) -> Change? {
        state.withLock { state in
            state = State(configured: settings.logLevel, source: settings.logLevelSource)
            return change(to: settings.logLevel)
        }
    }

    /// Puts the level of a configuration in force, and tells those who watch if it is another one.
    func configure(_ settings: DaemonSettings, telling events: EventHub) {
        guard let change = configure(settings) else { return }
        events.publish(.logLevelChanged) {
            DaemonEvent.Details(
                DaemonEvent.LogLevel(level: change.level.rawValue, previous: change.previous.rawValue)
            )
        }
    }

    /// Sets the level until the next reload.
    ///
    /// - Parameter level: nil puts that of the configuration back.
    /// - Returns: the change, or nil if the level is what it was; and the level in force now.
    func set(_ level: Logger.Level?) -> (change: Change?, standing: DaemonLogLevel.Result) {
        state.withLock { state in
            state.isSet = level != nil
            return (change(to: level ?? state.configured), standing(state))
        }
    }

    /// Under the lock, so that level and source always belong together.
    private func change(to level: Logger.Level) -> Change? {
        let previous = setting.level
        setting.level = level
        return previous == level ? nil : Change(previous: previous, level: level)
    }

    private func standing(_ state: State) -> DaemonLogLevel.Result {
        DaemonLogLevel.Result(
            level: setting.level.rawValue,
            source: state.isSet ? .control : state.source,
            configured: state.configured.rawValue
        )
    }
}
