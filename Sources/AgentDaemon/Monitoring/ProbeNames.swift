import Glibc
import Synchronization

/// The names in the abstract namespace that the agent's probes of itself connect from: how its sockets know them.
///
/// Each is drawn at random for one connection and good for one. A process number would not do: one that has queued a
/// connection may have ended, and the agent have its number. Others can see a name (proc(5), /proc/net/unix) as long as
/// the probe has it, but take it only when the probe has let go of it, and then it is good for nothing.
package final class ProbeNames: Sendable {
    private let names = Mutex<Set<[UInt8]>>([])

    /// No probe is on its way.
    package init() {}

    /// Draws a name for one probe.
    func draw() -> [UInt8] {
        let name = Array("mosaicd-probe/\(CallID())".utf8)
        names.withLock { _ = $0.insert(name) }
        return name
    }

    /// Whether a probe connects from that name; each name is answered for once.
    func take(_ name: [UInt8]) -> Bool {
        names.withLock { $0.remove(name) != nil }
    }

    /// Whether the peer of a new connection is a probe of this process.
    func isProbe(_ caller: Caller, at descriptor: CInt) -> Bool {
        guard caller.uid == geteuid(), let name = UnixAddress(peerOf: descriptor)?.abstractName else { return false }
        return take(name)
    }
}
