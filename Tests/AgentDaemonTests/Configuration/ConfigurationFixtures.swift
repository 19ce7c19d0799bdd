import AgentProtocol
import ConfigurationFiles

@testable import AgentDaemon

/// A catalogue with more methods than the protocol has now, so that groups, takeover rights and methods without a target
/// can be told apart.
extension RightsCatalogue {
    static let sample = RightsCatalogue(
        entries: [
            Entry(.login, .group, "log in"), Entry(.session, .group, "use sessions"),
            Entry(.token, .group, "use tokens"),
            Entry(.users, .takeover, "change users"), Entry(.sessionAdmin, .takeover, "end sessions"),
            Entry(.otpDirect, .field, "see codes"),
        ],
        methods: [
            Method(name: "password.authenticate", right: .login, hasTarget: true),
            Method(name: "otp.send", right: .login, hasTarget: true),
            Method(name: "session.authenticate", right: .session, hasTarget: false),
            Method(name: "token.refresh", right: .token, hasTarget: false),
            Method(name: "user.get", right: .users, hasTarget: true),
            Method(name: "session.list", right: .sessionAdmin, hasTarget: true),
        ],
        targetKinds: [.username, .email, .phoneNumber]
    )
}

/// A host with the user `alice` (1000), the group `web` (33), and `broken`, whose look-up fails.
struct SampleNames: NameResolver {
    func uid(ofUser name: String) throws(NameLookUpError) -> UInt32? {
        if name == "broken" { throw NameLookUpError(number: 5) }
        return name == "alice" ? 1_000 : nil
    }

    func gid(ofGroup name: String) throws(NameLookUpError) -> UInt32? {
        name == "web" ? 33 : nil
    }
}

/// Reads and builds texts as if they were the files `a.conf`, `b.conf`…, in this order.
func build(_ texts: String...) -> (configuration: Configuration, problems: [ConfigurationProblem]) {
    var problems: [ConfigurationProblem] = []
    var files: [SectionFile] = []
    for (index, text) in texts.enumerated() {
        let name = String(decoding: [UInt8(ascii: "a") + UInt8(index)], as: UTF8.self) + ".conf"
        let (file, found) = SectionFileReader.read(Array(text.utf8), path: name)
        files.append(file)
        problems += found
    }
    var builder = ConfigurationBuilder(catalogue: .sample, names: SampleNames())
    let result = builder.build(files)
    return (result.configuration, (problems + result.problems).sorted())
}

/// The least that is a configuration without errors and warnings.
let soundText = """
    [Client default]
    Region=eu
    ClientID=abc

    [Access web]
    Match=uid:33
    Clients=default
    Allow=login

    """
