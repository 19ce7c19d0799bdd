import Secrets
import StrictJSON

/// What the 200 answer of E18 or E20 says beside its message, which is for people and not always there.
struct SendAnswer {
    /// The request ID that the later authentication has to name.
    let requestID: String?
    /// The code, where it was asked for instead of a message.
    let code: Secret?
    /// The link, where it was asked for instead of a message.
    let link: Secret?

    /// Longest request ID that is passed on, in bytes; a caller has to be able to give it back.
    static let maximumRequestIDLength = 256

    /// What an answer must have, as far as it was asked for.
    static func requiredMembers(requestID: Bool = false, code: Bool = false) -> [RequiredMember] {
        [RequiredMember("", .object)] + (code ? [RequiredMember("code", .text)] : [])
            + (requestID ? [RequiredMember("request_id", .text)] : [])
    }

    /// Reads a body; `nil` when it is no object.
    init?(_ body: [UInt8]) {
        guard let root = UpstreamJSON.object(of: body) else { return nil }
        requestID = root["request_id"]?.string.flatMap { id in
            (1...Self.maximumRequestIDLength).contains(id.utf8.count) ? id : nil
        }
        code = root["code"]?.secret.flatMap { $0.isEmpty ? nil : $0 }
        link = root["link"]?.secret.flatMap { $0.isEmpty ? nil : $0 }
    }
}
