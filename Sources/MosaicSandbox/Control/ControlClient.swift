import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL

/// Talks to the control routes of a running sandbox, found through its state directory.
package struct ControlClient: Sendable {
    /// Why a control request failed.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The sandbox that was found.
    package let description: SandboxDescription

    /// Finds the sandbox.
    ///
    /// - Throws: ``StateDirectory/Failure`` when none runs there.
    package init(state: StateDirectory) throws {
        description = try state.runningSandbox()
    }

    /// Sends one request and returns the JSON of a 2xx answer, `null` for an empty one.
    ///
    /// - Parameters:
    ///   - path: below `/_sandbox/`, already percent-encoded.
    /// - Throws: ``Failure`` with the sandbox's message for any other status, or when it cannot be reached.
    package func send(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        var configuration = HTTPClient.Configuration()
        if let caFile = description.caFile {
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .file(caFile)
            configuration.tlsConfiguration = tls
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<JSONValue, any Error>
        do {
            result = .success(try await send(method, path, body, with: client))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    private func send(
        _ method: String,
        _ path: String,
        _ body: JSONValue?,
        with client: HTTPClient
    ) async throws -> JSONValue {
        var request = HTTPClientRequest(url: "\(description.adminURL)/\(path)")
        request.method = .RAW(value: method)
        request.headers.add(name: ControlRoutes.tokenHeader, value: description.adminToken)
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.text))
        }
        let response: HTTPClientResponse
        let data: Data
        do {
            response = try await client.execute(request, timeout: .seconds(15))
            data = Data(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        } catch {
            throw Failure(description: "cannot reach the sandbox at \(description.adminURL): \(error)")
        }
        let value = (try? JSONValue(text: data)) ?? .null
        guard (200..<300).contains(response.status.code) else {
            let message =
                value["message"]?.string ?? value["message"]?.elements?.compactMap(\.string).joined(separator: "; ")
            throw Failure(description: message ?? "the sandbox answered \(response.status.code)")
        }
        return value
    }

    /// Percent-encodes one path segment.
    package static func segment(_ text: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }
}
