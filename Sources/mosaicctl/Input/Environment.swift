import Glibc
import Linux

/// The process's environment.
enum Environment {
    /// The value of a variable, bytes that are not UTF-8 as in a path (`PathText`); nil when it is not set or empty.
    static func value(_ name: String) -> String? {
        // The text is copied before anything could change the environment; mosaicctl itself never does.
        guard let text = unsafe getenv(name) else { return nil }
        let value = unsafe PathText.text(cString: text)
        return value.isEmpty ? nil : value
    }
}
