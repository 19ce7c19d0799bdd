/// The process at the other end of a connection, as the kernel described it when the connection was made.
///
/// All numbers come from `SO_PEERCRED` and `SO_PEERGROUPS` (socket(7), unix(7)), never from the peer's own words, and stay
/// as they were at connect time: a peer that changes its credentials later is still judged by the first ones. The unit is
/// systemd's word on that process.
package struct Caller: Sendable, Hashable {
    /// Effective user id.
    package let uid: UInt32
    /// Effective (primary) group id.
    package let gid: UInt32
    /// Process id, for the audit record only: it may be reused by another process and decides nothing.
    package let pid: Int32
    /// Every group that access rules may match: `gid` and the supplementary groups, ascending, each once.
    package let groups: [UInt32]
    /// The unit it belongs to, as far as that is known.
    package var unit: CallerUnit
    /// Whether the process is the service manager, which asks for the unit. The unit is then all there is to judge by: its
    /// processes do not exist yet, and the uid and the groups are the manager's.
    package private(set) var isManager = false

    /// A caller from its peer credentials.
    ///
    /// - Parameter supplementaryGroups: what `SO_PEERGROUPS` said; order and duplicates do not matter, `gid` is added.
    package init(
        uid: UInt32,
        gid: UInt32,
        pid: Int32,
        supplementaryGroups: some Sequence<UInt32>,
        unit: CallerUnit = .unasked
    ) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.groups = Set(supplementaryGroups).union([gid]).sorted()
        self.unit = unit
    }

    /// The caller as the service manager that asks for a unit.
    func asking(forUnit name: String) -> Caller {
        var caller = self
        caller.unit = .known(name)
        caller.isManager = true
        return caller
    }
}
