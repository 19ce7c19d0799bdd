import TestSupport
import Testing

extension EndToEnd {
    /// Every method of the protocol, through real programs: what it grants, each refusal that Mosaic's contract documents
    /// for its endpoint, an outage, and what a caller without the right is told.
    @Suite struct MethodConformance {
        /// All that is walked. A method of the design that is not here fails the walk.
        static let methods: [MethodCases] = [
            PasswordConformance.all, OneTimeConformance.all, SessionConformance.all, TokenConformance.all,
            ResetConformance.all, UserConformance.all,
            CredentialConformance.all, PreferenceConformance.all,
        ].flatMap(\.self)

        @Test func `every method of the design is walked, once`() {
            let acting = MethodSpec.main.filter { $0.effect != .local }.map(\.name)
            #expect(Self.methods.map(\.method).sorted() == acting.sorted())
        }

        @Test func `every right to a single field is shown with each method that has it`() {
            for walk in Self.methods {
                let shown = Set(([walk.granted] + walk.cases).flatMap(\.fieldRights))
                #expect(shown == Set(MethodSpec.method(walk.method)?.fieldRights ?? []), "\(walk.method)")
            }
        }

        @Suite(.serialized, .conformanceBed(PasswordConformance.all)) struct Passwords {
            @Test(arguments: ConformanceCase.all(of: PasswordConformance.all))
            func `passwords`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(OneTimeConformance.all)) struct CodesAndLinks {
            @Test(arguments: ConformanceCase.all(of: OneTimeConformance.all))
            func `codes and links`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(SessionConformance.all)) struct Sessions {
            @Test(arguments: ConformanceCase.all(of: SessionConformance.all))
            func `sessions`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(TokenConformance.all)) struct Tokens {
            @Test(arguments: ConformanceCase.all(of: TokenConformance.all))
            func `tokens`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(ResetConformance.all)) struct Resets {
            @Test(arguments: ConformanceCase.all(of: ResetConformance.all))
            func `password resets`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(UserConformance.all)) struct Users {
            @Test(arguments: ConformanceCase.all(of: UserConformance.all))
            func `users`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(CredentialConformance.all)) struct Credentials {
            @Test(arguments: ConformanceCase.all(of: CredentialConformance.all))
            func `the passwords of users`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(PreferenceConformance.all)) struct Preferences {
            @Test(arguments: ConformanceCase.all(of: PreferenceConformance.all))
            func `login preferences`(_ single: ConformanceCase) async throws { try await single.run() }
        }

        @Suite(.serialized, .conformanceBed(MethodConformance.methods, isGone: true)) struct WithoutMosaic {
            @Test(arguments: ConformanceCase.gone(MethodConformance.methods))
            func `each method`(_ single: ConformanceCase) async throws { try await single.run() }
        }
    }
}
