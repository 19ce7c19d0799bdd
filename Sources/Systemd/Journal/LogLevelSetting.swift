package import Logging
internal import Synchronization

/// The level that all loggers of the process share unless one was given its own; it can change while they are in use.
package final class LogLevelSetting: Sendable {
    private let index: Atomic<Int>

    /// A setting that begins at `level`.
    package init(_ level: Logger.Level) {
        self.index = Atomic(Self.index(of: level))
    }

    /// The level now, for every logger without one of its own.
    package var level: Logger.Level {
        get { Logger.Level.allCases[self.index.load(ordering: .relaxed)] }
        set { self.index.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    private static func index(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }
}
