import HTTPTypes
import Hummingbird
import NIOCore

/// The outbox as a web page: three static files without any data, which fetch the messages with the admin token.
///
/// The token comes in the address's fragment, which no browser sends to a server; the script takes it out of the address at
/// once and keeps it for the tab. Everything that was sent by others is put into the page as text, never as markup; the
/// policy allows nothing that is not one of these files.
enum OutboxPage {
    /// Path of the page, below which nothing stands.
    static let path = "/_sandbox/outbox.html"

    /// The address to open, for a sandbox at that origin.
    static func address(adminURL: String, token: String) -> String { "\(adminURL)/outbox.html#token=\(token)" }

    /// Adds the routes; they need no token, for they tell nothing.
    static func add(to router: Router<SandboxRequestContext>) {
        let files = [
            (path, "text/html; charset=utf-8", html),
            ("/_sandbox/outbox.css", "text/css; charset=utf-8", style),
            ("/_sandbox/outbox.js", "text/javascript; charset=utf-8", script),
        ]
        for (path, type, text) in files {
            router.get(RouterPath(path)) { _, _ in
                Response(status: .ok, headers: headers(type), body: .init(byteBuffer: ByteBuffer(string: text)))
            }
        }
    }

    private static func headers(_ type: String) -> HTTPFields {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        let others = [
            "Content-Security-Policy": """
            default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
            base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
            """,
            "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
        ]
        for (name, value) in others {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        return headers
    }

    private static let html = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Outbox · Mosaic sandbox</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="outbox.css">
        <script src="outbox.js" defer></script>
        </head>
        <body>
        <header>
          <div class="bar">
            <h1>Outbox <small>Mosaic sandbox</small></h1>
            <span id="state" class="state" role="status">connecting</span>
          </div>
          <div class="bar tools">
            <input id="filter" type="search" placeholder="Filter messages" \
        aria-label="Filter messages" autocomplete="off" spellcheck="false">
            <button id="clear" type="button">Clear</button>
          </div>
        </header>
        <main>
          <p id="notice" class="notice" hidden></p>
          <ol id="messages" aria-label="Messages, newest first" aria-live="polite"></ol>
        </main>
        <footer>Mail and SMS that Mosaic would have sent. Nothing left this machine.</footer>
        <noscript>This page needs its script. On the command line: mosaic-sandbox outbox</noscript>
        </body>
        </html>

        """
}
