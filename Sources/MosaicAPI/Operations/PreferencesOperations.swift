package import StrictJSON

/// The request of E40, `GET /loginPreferences/{appId}`: the login methods of an application.
package struct PreferencesGetOperation: APIOperation {
    /// The application.
    package let appID: String

    /// A look at the preferences of an application.
    package init(appID: String) { self.appID = appID }

    package static let endpoint = APIEndpoint("preferences_read", .preferences)

    package static var method: UpstreamRequest.Method { .get }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL { endpoints.loginPreferences(of: appID) }

    package var requiredMembers: [RequiredMember] { AuthenticationMethods.requiredMembers }

    package func output(of response: UpstreamResponse) -> ForwardedObject? {
        AuthenticationMethods.parse(response.body)
    }

    package func output(of refusal: UpstreamError) -> Result<ForwardedObject, APIFailure> {
        .failure(refusal.failure(AuthenticationMethods.kind(refusal)))
    }
}

/// What E40 and E41 have in common.
enum AuthenticationMethods {
    /// What their answers must have.
    static let requiredMembers = [RequiredMember("result.auth_methods", .object)]

    /// The object `result.auth_methods` as Mosaic wrote it, or `nil` when there is none.
    static func parse(_ body: [UInt8]) -> ForwardedObject? {
        UpstreamJSON.root(of: body)?["result"]?["auth_methods"].flatMap { ForwardedObject($0) }
    }

    /// What a refusal means.
    ///
    /// | status | body | failure |
    /// |---|---|---|
    /// | 400 | with messages | `invalid_params` |
    /// | 404 | a JSON object | `not_found`: no such application |
    /// | all else | | by status, see ``UpstreamError/kindByStatus`` |
    static func kind(_ refusal: UpstreamError) -> APIFailure.Kind {
        switch refusal.status {
        case 400 where !refusal.body.messages.isEmpty && !refusal.isForeignBadRequest: .invalidInput
        case 404 where refusal.body.isObject: .notFound
        default: refusal.kindByStatus
        }
    }
}

extension MosaicEndpoints {
    /// E40: `/loginPreferences/{appId}`, without `/v1`.
    func loginPreferences(of appID: String) -> ServiceURL {
        baseURL.appending(path: "loginPreferences").appending(segment: appID.utf8)
    }
}

/// The request of E41, `PUT /loginPreferences/{appId}/authMethods`: each method that is given replaces the present one whole.
package struct PreferencesUpdateOperation: APIOperation {
    /// One method with all its settings.
    package struct Method: Sendable, Hashable {
        /// Mosaic's name of it, such as `password`.
        package let name: String
        /// Its settings, an object that is sent as it is.
        package let settings: JSONText

        /// A method with its settings.
        package init(name: String, settings: JSONText) {
            self.name = name
            self.settings = settings
        }
    }

    /// The application.
    package let appID: String
    /// The methods to replace, each once.
    package let methods: [Method]

    /// A change of the preferences of an application.
    package init(appID: String, methods: [Method]) {
        self.appID = appID
        self.methods = methods
    }

    package static let endpoint = APIEndpoint("preferences_update", .preferences)

    package static var method: UpstreamRequest.Method { .put }

    package func url(at endpoints: MosaicEndpoints) -> ServiceURL {
        endpoints.loginPreferences(of: appID).appending(path: "authMethods")
    }

    package var body: UpstreamRequest.Body? {
        let capacity = methods.reduce(64) { $0 + $1.settings.bytes.count + 6 * $1.name.utf8.count + 8 }
        return .object(capacity: capacity) { writer in
            for method in methods { writer.field(method.name, method.settings) }
        }
    }

    package var requiredMembers: [RequiredMember] { AuthenticationMethods.requiredMembers }

    package func output(of response: UpstreamResponse) -> ForwardedObject? {
        AuthenticationMethods.parse(response.body)
    }

    package func output(of refusal: UpstreamError) -> Result<ForwardedObject, APIFailure> {
        .failure(refusal.failure(AuthenticationMethods.kind(refusal)))
    }
}
