extension WrongFile {
    /// Wrong `[Access NAME]` sections.
    static let wrongAccess: [WrongFile] = [
        .access("Clients=default\nAllow=login", line: 4, key: "Match", what: "must be set", allowed: "any alone"),
        .access("Match=uid:1\nAllow=login", line: 4, key: "Clients", what: "must be set", allowed: "[Client NAME]"),
        .access("Match=uid:1\nClients=default", line: 4, key: "Allow", what: "must be set", allowed: "rights"),
        .access(
            "Match=\nClients=default\nAllow=login",
            line: 4,
            key: "Match",
            what: "must be set",
            allowed: "any alone"
        ),
        .access("Match=33\nClients=default\nAllow=login", key: "Match", what: "\"33\"", allowed: "uid:NUMBER"),
        .access("Match=uid:-1\nClients=default\nAllow=login", key: "Match", what: "no number", allowed: "uid:NUMBER"),
        .access("Match=uid:4294967295\nClients=default\nAllow=login", key: "Match", what: "no number", allowed: "uid:"),
        .access("Match=user:\nClients=default\nAllow=login", key: "Match", what: "no name", allowed: "user:NAME"),
        .access(
            "Match=user:bob\nClients=default\nAllow=login",
            key: "Match",
            what: "\"bob\"",
            allowed: "a user of this host"
        ),
        .access(
            "Match=group:nil\nClients=default\nAllow=login",
            key: "Match",
            what: "\"nil\"",
            allowed: "a group of this"
        ),
        .access(
            "Match=user:broken\nClients=default\nAllow=login",
            key: "Match",
            what: "cannot be looked up",
            allowed: "number"
        ),
        .access(
            "Match=unit:web\nClients=default\nAllow=login",
            key: "Match",
            what: "ends in its type",
            allowed: "uid:NUMBER, user:NAME, gid:NUMBER, group:NAME, unit:PATTERN, user_unit:PATTERN"
        ),
        .access(
            "Match=unit:\nClients=default\nAllow=login",
            key: "Match",
            what: "ends in its type",
            allowed: "unit:PATTERN"
        ),
        .access(
            "Match=unit:web.slice\nClients=default\nAllow=login",
            key: "Match",
            what: "slice have no processes",
            allowed: "unit:PATTERN"
        ),
        .access(
            "Match=unit:a.service unit:b.service\nClients=default\nAllow=login",
            key: "Match",
            what: "more than one unit",
            allowed: "all hold"
        ),
        .access(
            "Match=any unit:a.service\nClients=default\nAllow=login",
            key: "Match",
            what: "beside any",
            allowed: "any alone"
        ),
        .access(
            "Match=user_unit:web.service\nClients=default\nAllow=login",
            key: "Match",
            what: "every user can make a unit of that name",
            allowed: "any alone"
        ),
        .access(
            "Match=any uid:1\nClients=default\nAllow=login",
            key: "Match",
            what: "beside any",
            allowed: "any alone"
        ),
        .access(
            "Match=uid:1 uid:2\nClients=default\nAllow=login",
            key: "Match",
            what: "more than one user",
            allowed: "all hold"
        ),
        .access(
            "Match=uid:1\nClients=other\nAllow=login",
            line: 6,
            key: "Clients",
            what: "\"other\"",
            allowed: "default"
        ),
        .access(
            "Match=uid:1\nClients=a,b\nAllow=login",
            line: 6,
            key: "Clients",
            what: "\"a,b\"",
            allowed: "separated by spaces"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login,session",
            line: 7,
            key: "Allow",
            what: "\"login,session\"",
            allowed: "* login session token users session-admin otp-direct password.authenticate"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login login",
            line: 7,
            key: "Allow",
            what: "twice",
            allowed: "each once"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=\"login",
            line: 7,
            key: "Allow",
            what: "not closed",
            allowed: "separated"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=system.ping",
            line: 7,
            key: "Allow",
            what: "nothing that a rule",
            allowed: "*"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nUsers=mail",
            line: 8,
            key: "Users",
            what: "\"mail\"",
            allowed: "username email phone_number"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nUsers=email:",
            line: 8,
            key: "Users",
            what: "no pattern",
            allowed: "KIND:PATTERN"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nDetails=si",
            line: 8,
            key: "Details",
            what: "\"si\"",
            allowed: "yes"
        ),
        .access(
            "Match=uid:1\nClients=default\nAllow=login\nTrustClientIP=x_forwarded_for",
            line: 8,
            key: "TrustClientIP",
            what: "\"x_forwarded_for\"",
            allowed: "yes"
        ),
    ]
}
