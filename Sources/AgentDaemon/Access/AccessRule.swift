/// An `[Access NAME]` section: who may do what, as which client, to which users.
package struct AccessRule: Sendable, Hashable {
    /// One condition on the caller; all conditions of a rule must hold.
    package enum Condition: Sendable, Hashable {
        /// `any`: every caller that can connect.
        case any
        /// `uid:N`, or `user:NAME` resolved when the configuration was read.
        case uid(UInt32)
        /// `gid:N`, or `group:NAME` resolved when the configuration was read.
        case gid(UInt32)
        /// `unit:PATTERN`: a unit of the system's manager.
        case unit(UnitPattern)
        /// `user_unit:PATTERN`: a unit of the manager of the caller's own user. Worth only as much as that user, who can
        /// give any unit any name; so it stands beside a uid.
        case userUnit(UnitPattern)
    }

    /// The section's name.
    package var name: String
    /// `Match=`: never empty.
    package var conditions: [Condition]
    /// `Clients=`: names of configured clients, never empty.
    package var clients: [String]
    /// `Allow=`: what it grants, names expanded.
    package var grants: AccessGrants
    /// `Users=`: limits on the target; empty means none.
    package var users: [TargetPattern]
    /// `Details=`: whether the caller learns the reason beside the verdict.
    package var details: Bool
    /// `TrustClientIP=`: whether the caller is believed where the person it acts for comes from.
    package var trustsClientIP: Bool

    /// A rule from its parts.
    package init(
        name: String,
        conditions: [Condition],
        clients: [String],
        grants: AccessGrants,
        users: [TargetPattern] = [],
        details: Bool = false,
        trustsClientIP: Bool = false
    ) {
        self.name = name
        self.conditions = conditions
        self.clients = clients
        self.grants = grants
        self.users = users
        self.details = details
        self.trustsClientIP = trustsClientIP
    }
}
