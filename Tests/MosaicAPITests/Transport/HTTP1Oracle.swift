import NIOCore

@testable import MosaicAPI

/// What a reader made of some bytes with the end of the connection behind them, in a form that can be compared.
enum HTTP1Outcome: Equatable, Sendable {
    /// A response: status, body, whether the connection may be used again, for how many idle milliseconds, and how many
    /// bytes lie behind it.
    case complete(Int, [UInt8], keepsAlive: Bool, idle: Int?, left: Int)
    /// Bytes that are refused, or a response that is not whole.
    case refused

    /// What ``HTTP1ResponseReader`` makes of the pieces, which come one after another.
    init(reading pieces: [ArraySlice<UInt8>], limits: HTTP1ResponseReader.Limits) {
        var reader = HTTP1ResponseReader(limits: limits)
        var left = pieces.reduce(0) { $0 + $1.count }
        do throws(HTTP1Error) {
            for piece in pieces {
                var buffer = ByteBuffer(bytes: piece)
                let complete = try reader.read(&buffer)
                left -= piece.count - buffer.readableBytes
                if let complete {
                    self = Self(complete, left: left)
                    return
                }
            }
            self = Self(try reader.readEnd(), left: left)
        } catch {
            self = .refused
        }
    }

    private init(_ complete: HTTP1ResponseReader.Complete, left: Int) {
        self = .complete(
            complete.response.status,
            complete.response.body,
            keepsAlive: complete.keepsAlive,
            idle: complete.idleTime.map { Int($0 / .milliseconds(1)) },
            left: left
        )
    }
}

/// A second reader of responses, which shares nothing with the first: it has all bytes at once, splits them into texts
/// of one character per byte (ISO 8859-1) and is as slow as it is plain. Its texts are shorter than the limits in bytes.
enum HTTP1Oracle {
    /// What there is to say of all the bytes of a connection.
    static func outcome(of bytes: [UInt8]) -> HTTP1Outcome {
        var reading = Reading(rest: bytes[...])
        return (try? reading.outcome()) ?? .refused
    }

    private struct Rejection: Error {}

    private struct Reading {
        var rest: ArraySlice<UInt8>

        mutating func outcome() throws(Rejection) -> HTTP1Outcome {
            for interim in 0... {
                let (version, status) = try statusLine(try line())
                if status == 101 { throw Rejection() }
                if status < 200, interim == 8 { throw Rejection() }
                let fields = try section(areTrailers: false)
                let codings = fields.filter { $0.name == "transfer-encoding" }
                let lengths = fields.filter { $0.name == "content-length" }
                if !codings.isEmpty, !lengths.isEmpty { throw Rejection() }
                if !codings.isEmpty, version == "0" { throw Rejection() }
                if status < 200 { continue }
                let hasBody = status != 204 && status != 304
                let isDoubtful = !hasBody && (!codings.isEmpty || (lengths.first.flatMap { Int($0.value) } ?? 0) > 0)
                let tokens = fields.filter { $0.name == "connection" }.flatMap { list($0.value) }
                let keepAlive =
                    !tokens.contains("close") && !isDoubtful && (version == "1" || tokens.contains("keep-alive"))
                let times = fields.filter { $0.name == "keep-alive" }.flatMap { list($0.value) }
                    .filter { $0.hasPrefix("timeout=") && $0.count > 8 }
                let seconds = times.compactMap { number(String($0.dropFirst(8))) }.first { $0 <= 3600 }
                let idle = seconds.map { $0 >= 2 ? ($0 - 1) * 1000 : $0 * 500 }
                var body: [UInt8] = []
                var end = false
                if hasBody, !codings.isEmpty {
                    body = try chunks()
                } else if hasBody, let length = lengths.first.flatMap({ Int($0.value) }) {
                    body = try take(length)
                } else if hasBody {
                    body = try take(rest.count)
                    end = true
                }
                return .complete(status, body, keepsAlive: keepAlive && !end, idle: idle, left: rest.count)
            }
            throw Rejection()
        }

        /// The characters up to the next CRLF.
        mutating func line(atMost most: Int = .max) throws(Rejection) -> String {
            var text = ""
            while let byte = rest.popFirst() {
                if byte == 0x0D {
                    guard text.unicodeScalars.count + 2 <= most else { throw Rejection() }
                    guard let next = rest.popFirst() else { throw Rejection() }
                    guard next == 0x0A else { throw Rejection() }
                    return text
                }
                if byte == 0x0A { throw Rejection() }
                if byte == 0x7F || (byte < 0x20 && byte != 0x09) { throw Rejection() }
                text.unicodeScalars.append(Unicode.Scalar(byte))
                if text.unicodeScalars.count == most { throw Rejection() }
            }
            throw Rejection()
        }

        mutating func take(_ count: Int) throws(Rejection) -> [UInt8] {
            guard rest.count >= count else { throw Rejection() }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }

        func statusLine(_ line: String) throws(Rejection) -> (version: Character, status: Int) {
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, ["HTTP/1.0", "HTTP/1.1"].contains(parts[0]), parts[1].unicodeScalars.count == 3,
                let version = parts[0].last, let status = number(String(parts[1]))
            else { throw Rejection() }
            guard status >= 100, status < 600 else { throw Rejection() }
            return (version, status)
        }

        mutating func section(areTrailers: Bool) throws(Rejection) -> [(name: String, value: String)] {
            var fields: [(name: String, value: String)] = []
            while true {
                let line = try line()
                if line.isEmpty { return fields }
                if line.hasPrefix(" ") || line.hasPrefix("\t") { throw Rejection() }
                let scalars = Array(line.unicodeScalars)
                guard let colon = scalars.firstIndex(of: ":"), colon > 0, scalars[..<colon].allSatisfy(isToken) else {
                    throw Rejection()
                }
                let name = text(scalars[..<colon]).lowercased()
                let value = trimmed(text(scalars[(colon + 1)...]))
                if !areTrailers, name == "content-length" {
                    if fields.contains(where: { $0.name == name }) { throw Rejection() }
                    guard value.count <= 18, number(value) != nil else { throw Rejection() }
                }
                if !areTrailers, name == "transfer-encoding" {
                    guard value.lowercased() == "chunked", !fields.contains(where: { $0.name == name }) else {
                        throw Rejection()
                    }
                }
                fields.append((name, value))
            }
        }

        mutating func chunks() throws(Rejection) -> [UInt8] {
            var body: [UInt8] = []
            while true {
                let line = Array(try line(atMost: 256).unicodeScalars)
                let digits = line.prefix { $0.isASCII && $0.properties.isASCIIHexDigit }
                let behind = text(line.dropFirst(digits.count))
                guard (1...15).contains(digits.count), let size = Int(text(digits), radix: 16),
                    behind.isEmpty || trimmed(behind).unicodeScalars.first == ";"
                else { throw Rejection() }
                if size == 0 { break }
                body += try take(size)
                for expected: UInt8 in [0x0D, 0x0A] {
                    guard let byte = rest.popFirst() else { throw Rejection() }
                    guard byte == expected else { throw Rejection() }
                }
            }
            _ = try section(areTrailers: true)
            return body
        }

        func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            return text
        }

        func number(_ text: String) -> Int? {
            guard text.unicodeScalars.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
            return Int(text)
        }

        func isToken(_ scalar: Unicode.Scalar) -> Bool {
            let isAlphanumeric =
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            return isAlphanumeric || "!#$%&'*+-.^_`|~".unicodeScalars.contains(scalar)
        }

        /// A text without the blanks and tabs around it.
        func trimmed(_ text: String) -> String {
            var scalars = Array(text.unicodeScalars)[...]
            while scalars.first == " " || scalars.first == "\t" { scalars.removeFirst() }
            while scalars.last == " " || scalars.last == "\t" { scalars.removeLast() }
            return self.text(scalars)
        }

        func list(_ text: String) -> [String] {
            text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed(String($0)).lowercased() }
        }
    }
}
