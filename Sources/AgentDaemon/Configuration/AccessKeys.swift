/// The keys of `[Access NAME]`.
package enum AccessKeys {
    /// `Match=`
    static let match = ConfigurationKey(
        "Match",
        .match,
        otherwise: nil,
        """
        The callers the rule is for, by what the kernel says of the process that made the connection. All words must hold: a list is \
        not a choice, write one rule per caller. uid:33 or user:www-data is the user; gid:33 or group:www-data a group, \
        primary or supplementary; any is every process that can connect, and must stand alone. Names are looked up \
        when the configuration is read. unit:storefront.service is a unit of the system's service manager, also where the process is in a \
        group below it; * in a name stands for any characters. A pattern without @ admits no instance of a template; \
        worker@*.service admits every instance of worker@.service, and so does worker@.service itself. \
        user_unit:NAME is a unit of the manager of the caller's own user, and needs uid: or user: beside it: that user can \
        make a unit of any name, so it tells the programs of a user apart only as far as that user wants it. When it \
        cannot be found out to which unit a process belongs, rules with unit: or user_unit: are not for it.
        """
    )
    /// `Clients=`
    static let clients = ConfigurationKey(
        "Clients",
        .names,
        otherwise: nil,
        """
        The clients, by the names of their sections, that these callers may act as. A call that names none uses the only \
        one, else the one called default; otherwise it must name one.
        """
    )
    /// `Allow=`
    static let allow = ConfigurationKey(
        "Allow",
        .words("names of methods and rights, or *"),
        otherwise: nil,
        """
        What the callers may do: right groups such as login, single methods such as password.authenticate, field rights \
        such as otp-direct, or * for all groups but those with which accounts can be taken over (credentials, users, \
        session-admin, preferences, client-token), which must be named. Field rights are in no group and not in *.
        """
    )
    /// `Users=`
    static let users = ConfigurationKey(
        "Users",
        .targets,
        otherwise: "no limit",
        """
        Limits the rule to calls about certain users: words of the form KIND or KIND:PATTERN, one of which must fit. KIND is \
        the kind of identifier in the call: username, email, phone_number, user_id, external_user_id. PATTERN is compared byte by byte, in \
        upper and lower case as written; * stands for any characters but @, white space and control characters. \
        So email:*@example.com admits every address of that domain, and username every user name. All that a call \
        names must be admitted, each by one of the words: the user it is about, the addresses it would have something \
        sent to, and in user.create, user.update and password.register the identifiers to be set. A call that names \
        no user, or a method that has none, is then not allowed by this rule.
        """
    )
    /// `Details=`
    static let details = DefaultedKey(
        "Details",
        .boolean,
        fallback: false,
        """
        Whether these callers learn why a login was refused (unknown user, locked, wrong password), and Mosaic's own error \
        codes. Who learns that can find out who has an account.
        """
    )

    /// `TrustClientIP=`
    static let trustClientIP = DefaultedKey(
        "TrustClientIP",
        .boolean,
        fallback: false,
        """
        Whether these callers are believed where the person at the other end of them comes from \
        (client_attributes.ip_address, which must then be one address, alone or as address:port or [IPv6]:port). The \
        throttle then tells people apart by that address, IPv6 by the first 64 bits, so that one who guesses at a password does not keep its owner, who comes from elsewhere, from \
        logging in through the same program. Only for programs that take the address from the connection itself or from \
        a proxy of their own, never from a header that anyone can set: a client that can choose its address has a \
        further guess with each one.
        """
    )

    /// All of them, in the order of the manual.
    package static let all: [KeyDescription] = [
        match.description, clients.description, allow.description, users.description, details.description,
        trustClientIP.description,
    ]
}
