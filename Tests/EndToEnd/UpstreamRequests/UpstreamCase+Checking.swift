import Foundation
import StrictJSON
import TestSupport
import Testing

extension UpstreamCase {
    /// Checks that a request is the one of the contract: its line, exactly its header fields, and its body.
    func check(_ request: LoopbackServer.Request, _ location: SourceLocation = #_sourceLocation) throws {
        #expect(request.line == "\(line) HTTP/1.1", "\(method)", sourceLocation: location)
        try checkFields(of: request, location)
        switch body {
        case .none:
            #expect(request.bodyBytes.isEmpty, "\(method)", sourceLocation: location)
        case .json(let expected):
            // The strict reader refuses members that come twice, which Foundation's does not.
            #expect(throws: Never.self, "\(method)", sourceLocation: location) {
                try JSONDocument(parsing: request.bodyBytes, maximumDepth: 16)
            }
            #expect(try JSONTree(request.body) == JSONTree(expected), "\(method)", sourceLocation: location)
        case .form(let expected):
            #expect(try Self.form(request.body) == expected, "\(method)", sourceLocation: location)
        }
        for part in verbatim {
            // Bytes, since text would also be equal under other encodings of the same characters.
            #expect(
                request.bodyBytes.firstRange(of: Array(part.utf8)) != nil,
                "\(method): \(part)",
                sourceLocation: location
            )
        }
    }

    /// Nothing may be there that says more about this host or the caller than the request has to.
    private func checkFields(of request: LoopbackServer.Request, _ location: SourceLocation) throws {
        var expected: [String: String] = [
            "user-agent": "mosaicd/0.1.0", "accept": "application/json", "accept-encoding": "identity",
        ]
        switch authorization {
        case .client: expected["authorization"] = "Bearer \(MosaicRecorder.clientToken)"
        case .user(let token): expected["authorization"] = "Bearer \(token)"
        case .none: break
        }
        switch body {
        case .none: if !isRead, !line.hasPrefix("DELETE ") { expected["content-length"] = "0" }
        case .json: expected["content-type"] = "application/json"
        case .form: expected["content-type"] = "application/x-www-form-urlencoded"
        }
        if !request.bodyBytes.isEmpty { expected["content-length"] = String(request.bodyBytes.count) }
        let fields = request.fields.filter { $0.name != "host" }.map { "\($0.name): \($0.value)" }
        #expect(
            fields.sorted() == expected.map { "\($0.key): \($0.value)" }.sorted(),
            "\(method)",
            sourceLocation: location
        )
        let hosts = request.fields.filter { $0.name == "host" }.map(\.value)
        #expect(hosts.count == 1 && hosts[0].hasPrefix("127.0.0.1:"), "\(method)", sourceLocation: location)
    }

    /// The fields of a form (WHATWG URL standard, section 5.1), each of which may be there once.
    static func form(_ text: String) throws -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&", omittingEmptySubsequences: false) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard parts.count == 2, let name = parts[0], let value = parts[1], fields[name] == nil else {
                throw HarnessFailure("no form, or a field twice: \(text)")
            }
            fields[name] = value
        }
        return fields
    }
}
