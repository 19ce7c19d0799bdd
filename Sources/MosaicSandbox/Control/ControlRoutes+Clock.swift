import Foundation
import GRDB
import Hummingbird

extension ControlRoutes {
    func addClockAndTokens(to router: Router<SandboxRequestContext>) {
        add(.get, "clock", to: router) { _ in clockReply }
        add(.put, "clock", to: router) { call in
            let offset = try call.fields { $0.number("offset_seconds") }
            guard let offset else { throw APIError.message(400, "offset_seconds is required") }
            services.clock.offset = offset
            return clockReply
        }
        add(.post, "clock/advance", to: router) { call in
            let seconds = try call.fields { $0.number("seconds") }
            guard let seconds else { throw APIError.message(400, "seconds is required") }
            services.clock.advance(by: seconds)
            return clockReply
        }
        add(.post, "tokens/revoke", to: router) { call in try await revoke(call) }
    }

    private var clockReply: Reply {
        Reply(
            200,
            [
                "now": .string(services.clock.now.mosaicDateTime), "offset_seconds": .number(services.clock.offset),
            ]
        )
    }

    private enum RevokedKind: String, CaseIterable {
        case client
        case user
        case reset
        case all
    }

    private func revoke(_ call: ControlCall) async throws -> Reply {
        let (kind, token) = try call.fields { fields in
            (fields.oneOf("kind", RevokedKind.self) ?? .client, fields.string("token"))
        }
        let now = services.clock.now
        var tokenID: String?
        if let token {
            guard let found = services.keys.claims(of: token)?["jti"] else {
                throw APIError.message(400, "token is not one of this sandbox's tokens")
            }
            tokenID = found
        }
        let revoked = try await services.store.write { [tokenID] db -> Int in
            if let tokenID {
                try db.execute(
                    sql: "UPDATE issuedToken SET revokedAt = ? WHERE tokenID = ? AND revokedAt IS NULL",
                    arguments: [now, tokenID]
                )
            } else {
                try db.execute(
                    sql: "UPDATE issuedToken SET revokedAt = ? WHERE revokedAt IS NULL AND (? = 'all' OR kind = ?)",
                    arguments: [now, kind.rawValue, kind.rawValue]
                )
            }
            return db.changesCount
        }
        return Reply(200, ["revoked": .integer(Int64(revoked))])
    }
}
