import Crypto
import Foundation
import GRDB
import Hummingbird

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
