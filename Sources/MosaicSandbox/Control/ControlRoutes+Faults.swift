import Foundation
import GRDB
import Hummingbird

extension ControlRoutes {
    func addFaultsAndSettings(to router: Router<SandboxRequestContext>) {
        add(.get, "faults", to: router) { _ in
            Reply(200, ["faults": try JSONValue(encoding: services.faults.all)])
        }
        add(.post, "faults", to: router) { call in try addFault(call) }
        add(.delete, "faults", to: router) { _ in
            Reply(200, ["cleared": .integer(Int64(services.faults.clear()))])
        }
        add(.delete, "faults/{id}", to: router) { call in
            guard let id = Int(call.parameter), services.faults.clear(id: id) == 1 else {
                throw APIError.message(404, "No such fault")
            }
            return Reply(200, ["cleared": 1])
        }
        add(.get, "settings", to: router) { _ in settingsReply }
        add(.put, "settings", to: router) { call in
            let shape = try call.fields { $0.oneOf("wrong_password_shape", SandboxSettings.WrongPasswordShape.self) }
            if let shape { services.settings.wrongPasswordShape = shape }
            return settingsReply
        }
        add(.get, "preferences", to: router) { _ in try await preferences(merging: [:]) }
        add(.patch, "preferences", to: router) { call in try await preferences(merging: call.body) }
        add(.get, "client", to: router) { _ in try await clientSettings() }
        add(.patch, "client", to: router) { call in try await changeClient(call) }
    }

    private var settingsReply: Reply {
        Reply(200, ["wrong_password_shape": .string(services.settings.wrongPasswordShape.rawValue)])
    }

    private func addFault(_ call: ControlCall) throws -> Reply {
        let known: Set<String> = [
            "endpoints", "action", "status", "shape", "code", "message", "challenges", "retry_after", "kind",
            "latency_ms", "phase", "count", "probability",
        ]
        let unknown = call.body.keys.filter { !known.contains($0) }.sorted()
        guard unknown.isEmpty else { throw APIError.messages(400, unknown.map { "\($0) is not known here" }) }
        let fault: Fault
        do {
            fault = try JSONValue.object(call.body).decoded()
        } catch let error as DecodingError {
            throw APIError.messages(400, [Self.sentence(error)])
        }
        guard fault.problems.isEmpty else { throw APIError.messages(400, fault.problems) }
        return Reply(201, ["fault": try JSONValue(encoding: services.faults.add(fault))])
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "\(key.stringValue) is required"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")) has a value that is not allowed"
        @unknown default: "the fault could not be read"
        }
    }

    /// Merges members into the methods' settings, checks the result and keeps it; null removes a method or a setting.
    private func preferences(merging changes: [String: JSONValue]) async throws -> Reply {
        let appID = services.appID
        let methods = try await services.store.write { db in
            var app = try db.app(appID)
            for (method, change) in changes {
                guard let members = change.members else {
                    guard change == .null else { throw APIError.messages(400, ["\(method) must be an object or null"]) }
                    app.authMethods[method] = nil
                    continue
                }
                var merged = app.authMethods[method]?.members ?? [:]
                for (name, value) in members { merged[name] = value == .null ? nil : value }
                app.authMethods[method] = .object(merged)
            }
            let problems = app.preferenceProblems
            guard problems.isEmpty else { throw APIError.messages(400, problems) }
            try app.update(db)
            return app.authMethods
        }
        return Reply(200, ["auth_methods": .object(methods)])
    }
}
