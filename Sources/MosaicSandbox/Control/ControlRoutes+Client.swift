import Crypto
import Foundation
import GRDB
import Hummingbird

extension ControlRoutes {
    /// The sandbox at a glance; no secret stands in it.
    func status() async throws -> Reply {
        let snapshot = services.requests.snapshot()
        let users = try await services.store.read { db in try UserRecord.fetchCount(db) }
        return Reply(
            200,
            [
                "now": .string(services.clock.now.mosaicDateTime), "offset_seconds": .number(services.clock.offset),
                "app_id": .string(services.appID), "client_id": .string(services.clientID),
                "users": .integer(Int64(users)), "faults": try JSONValue(encoding: services.faults.all),
                "wrong_password_shape": .string(services.settings.wrongPasswordShape.rawValue),
                "counts": Self.counts(snapshot.counts),
            ]
        )
    }

    /// Counts and requests; `after` leaves out what was seen before.
    func requestList(_ call: ControlCall) throws -> Reply {
        let after: Int
        if let text = call.query["after"] {
            guard let number = Int(text), number >= 0 else { throw APIError.message(400, "after must be a number") }
            after = number
        } else {
            after = 0
        }
        let snapshot = services.requests.snapshot(after: after)
        return Reply(
            200,
            ["counts": Self.counts(snapshot.counts), "requests": try JSONValue(encoding: snapshot.entries)]
        )
    }

    /// Endpoint → `total` (arrived) and one member per status (answered).
    private static func counts(_ counts: [String: RequestLog.Count]) -> JSONValue {
        .object(
            counts.mapValues { count in
                var members = Dictionary(
                    uniqueKeysWithValues: count.statuses.map { (String($0), JSONValue.integer(Int64($1))) }
                )
                members["total"] = .integer(Int64(count.total))
                return .object(members)
            }
        )
    }

    /// The client's settings, its secret left out.
    func clientSettings() async throws -> Reply {
        let clientID = services.clientID
        let client = try await services.store.read { db in try ClientRecord.find(db, key: clientID) }
        return Reply(
            200,
            [
                "client_id": .string(client.clientID), "access_token_ttl": .integer(Int64(client.accessTokenLifetime)),
                "refresh_token_ttl": .integer(Int64(client.refreshTokenLifetime)),
                "session_expiration": .integer(Int64(client.sessionLifetime)),
                "resources": .array(client.resources.map(JSONValue.string)),
                "redirect_uris": .array(client.redirectURIs.map(JSONValue.string)),
                "roles": try JSONValue(encoding: client.roles),
            ]
        )
    }

    /// Changes the members that are given; tokens already issued keep what they have.
    func changeClient(_ call: ControlCall) async throws -> Reply {
        let change = try call.fields { fields in
            let change = ClientChange(
                accessTokenLifetime: fields.number("access_token_ttl"),
                refreshTokenLifetime: fields.number("refresh_token_ttl"),
                sessionLifetime: fields.number("session_expiration"),
                resources: fields.strings("resources"),
                redirectURIs: fields.strings("redirect_uris"),
                roles: Self.roles(&fields)
            )
            for uri in change.redirectURIs ?? [] where !RedirectURI.isValid(uri) {
                fields.report("redirect_uris must be absolute URIs without fragment, not \(uri)")
            }
            for (name, value) in [
                ("access_token_ttl", change.accessTokenLifetime), ("refresh_token_ttl", change.refreshTokenLifetime),
                ("session_expiration", change.sessionLifetime),
            ] {
                if let value, value < 1 || value > 31_536_000 || value != value.rounded() {
                    fields.report("\(name) must be whole seconds between 1 and 31536000")
                }
            }
            return change
        }
        let clientID = services.clientID
        try await services.store.write { db in
            var client = try ClientRecord.find(db, key: clientID)
            if let value = change.accessTokenLifetime { client.accessTokenLifetime = Int(value) }
            if let value = change.refreshTokenLifetime { client.refreshTokenLifetime = Int(value) }
            if let value = change.sessionLifetime { client.sessionLifetime = Int(value) }
            if let value = change.resources { client.resources = value }
            if let value = change.redirectURIs { client.redirectURIs = value }
            if let value = change.roles { client.roles = value }
            try client.update(db)
        }
        return try await clientSettings()
    }

    private struct ClientChange: Sendable {
        var accessTokenLifetime: Double?
        var refreshTokenLifetime: Double?
        var sessionLifetime: Double?
        var resources: [String]?
        var redirectURIs: [String]?
        var roles: [ClientRecord.Role]?
    }

    /// `[{"name": "reader", "permissions": ["users:read"]}]`.
    private static func roles(_ fields: inout RequestFields) -> [ClientRecord.Role]? {
        guard let value = fields.array("roles") else { return nil }
        guard let roles: [ClientRecord.Role] = try? JSONValue.array(value).decoded() else {
            fields.report("roles must be an array of objects with name and permissions")
            return nil
        }
        return roles
    }
}

extension ControlRoutes {
    func addClientAuthentication(to router: Router<SandboxRequestContext>) {
        add(.get, "client/authentication", to: router) { _ in try await clientAuthentication() }
        add(.put, "client/authentication", to: router) { call in try await setClientAuthentication(call) }
        add(.put, "client/secret", to: router) { call in
            let secret = try call.fields { fields in
                fields.string("secret", required: true, nonEmpty: true, maximum: 1024) ?? ""
            }
            let clientID = services.clientID
            try await services.store.write { db in
                var client = try ClientRecord.find(db, key: clientID)
                client.secret = secret
                try client.update(db)
            }
            return Reply(status: 204, body: nil)
        }
    }

    private func clientAuthentication() async throws -> Reply {
        let clientID = services.clientID
        let record = try await services.store.read { db in try ClientAuthenticationRecord.of(clientID, db) }
        var body: [String: JSONValue] = [
            "method": .string(record.method.rawValue), "certificate_bound": .boolean(record.isCertificateBound),
        ]
        if let keys = record.keySet, let set = try? PublicKeySet(.object(keys)) {
            body["key_ids"] = .array(set.keyIDs.map(JSONValue.string))
        }
        body.set("subject_dn", record.subject)
        if !record.certificates.isEmpty {
            body["certificate_thumbprints"] = .array(
                record.certificates.compactMap { Data(base64Encoded: $0) }.map { certificate in
                    .string(Data(SHA256.hash(data: certificate)).base64URLText)
                }
            )
        }
        return Reply(200, body)
    }

    /// Replaces everything that is registered.
    private func setClientAuthentication(_ call: ControlCall) async throws -> Reply {
        let clientID = services.clientID
        let record = try call.fields { fields in
            if !fields.has("method") { fields.report("method is required") }
            var record = ClientAuthenticationRecord(clientID: clientID)
            record.method = fields.oneOf("method", ClientAuthenticationMethod.self) ?? .clientSecret
            record.isCertificateBound = fields.boolean("certificate_bound") ?? false
            Self.readKeys(&record, &fields)
            Self.readCertificates(&record, &fields)
            Self.checkComplete(record, &fields)
            return record
        }
        try await services.store.write { db in try record.upsert(db) }
        return try await clientAuthentication()
    }

    private static func readKeys(_ record: inout ClientAuthenticationRecord, _ fields: inout RequestFields) {
        let document = fields.freeObject("jwks").map(JSONValue.object)
        let pem = fields.string("public_key", nonEmpty: true)
        let keyID = fields.string("key_id", nonEmpty: true)
        do throws(PublicKeySet.Failure) {
            if let pem {
                guard document == nil, let keyID else {
                    throw PublicKeySet.Failure(description: "public_key needs key_id and no jwks")
                }
                record.keySet = ["keys": [try PublicKeySet.jwk(pem: pem, keyID: keyID)]]
            } else if let document, record.method != .selfSignedTLSClientAuth {
                _ = try PublicKeySet(document)
                record.keySet = document.members
            } else if let document {
                // RFC 8705, section 2.2.2: the certificates stand in the keys' x5c.
                let keys = document["keys"]?.elements ?? [document]
                record.certificates = keys.compactMap { $0["x5c"]?.elements?.first?.string }
                guard !record.certificates.isEmpty, record.certificates.allSatisfy({ Data(base64Encoded: $0) != nil })
                else { throw PublicKeySet.Failure(description: "jwks has no key with x5c") }
            }
        } catch {
            fields.report(error.description)
        }
    }

    private static func readCertificates(_ record: inout ClientAuthenticationRecord, _ fields: inout RequestFields) {
        record.subject = fields.string("subject_dn", nonEmpty: true)
        record.authorities = fields.string("ca", nonEmpty: true)
        do {
            if let authorities = record.authorities { _ = try PEMCertificates.read(authorities) }
        } catch {
            fields.report("ca: \(error)")
        }
        guard let text = fields.string("certificate", nonEmpty: true) else { return }
        do {
            record.certificates += try PEMCertificates.read(text).map(PEMCertificates.base64)
        } catch {
            fields.report("certificate: \(error)")
        }
    }

    private static func checkComplete(_ record: ClientAuthenticationRecord, _ fields: inout RequestFields) {
        guard fields.problems.isEmpty else { return }
        switch record.method {
        case .clientSecret: break
        case .privateKeyJWT:
            if record.keySet == nil { fields.report("private_key_jwt needs jwks, or public_key and key_id") }
        case .tlsClientAuth:
            if record.authorities == nil || record.subject == nil {
                fields.report("tls_client_auth needs ca and subject_dn")
            }
        case .selfSignedTLSClientAuth:
            if record.certificates.isEmpty {
                fields.report("self_signed_tls_client_auth needs certificate, or jwks with x5c")
            }
        }
    }
}
