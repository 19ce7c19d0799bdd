#if DEBUG
import Glibc
import Systemd

/// Wedges the dispatcher, for the test that the service manager notices. Not in release builds.
///
/// While the file named by `MOSAICD_TEST_WEDGE` exists, every thread that comes here stays here for good.
enum HangForTesting {
    private static let path = Environment.process["MOSAICD_TEST_WEDGE"]

    /// Never returns if the file exists.
    static func blockIfAsked() {
        guard let path, unsafe access(path, F_OK) == 0 else { return }
        while true { pause() }
    }
}
#endif
