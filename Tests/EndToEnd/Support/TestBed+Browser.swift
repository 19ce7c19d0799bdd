import Foundation

extension TestBed {
    /// Opens a link as a browser does, up to the redirect to the application, and returns the query of that.
    func follow(_ link: String) async throws -> [String: String] {
        let outcome = try await openLink(link)
        guard outcome.status == 0, let page = URLComponents(string: outcome.output) else {
            throw HarnessFailure("the link leads nowhere: \(outcome.output)\(outcome.error)")
        }
        return Dictionary((page.queryItems ?? []).map { ($0.name, $0.value ?? "") }) { first, _ in first }
    }

    /// Opens a link; the output is the address that it leads to. The status is 22 when the server refuses (curl(1)).
    func openLink(_ link: String) async throws -> RunningProcess.Outcome {
        try await RunningProcess.run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--fail", "--cacert", sandbox.description.ca_file ?? ""]
                + ["--output", "/dev/null", "--write-out", "%{redirect_url}", link],
            label: "browser",
            in: scratch
        )
    }
}
