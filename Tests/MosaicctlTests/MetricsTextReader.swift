import Foundation

/// Reads metrics in the text formats of Prometheus and OpenMetrics, strictly, by the grammars of their specifications; it
/// knows nothing of the writer.
struct MetricsTextReader {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    private(set) var types: [String: String] = [:]
    private(set) var helps: [String: String] = [:]
    private(set) var units: [String: String] = [:]
    private(set) var samples: [Sample] = []
    private(set) var hasEnd = false

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Failure(description: "the last line has no line feed") }
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            guard !hasEnd else { throw Failure(description: "behind the end: \(line)") }
            if line == "# EOF" {
                hasEnd = true
            } else if line.hasPrefix("# ") {
                try readComment(line)
            } else {
                samples.append(try Self.sample(line))
            }
        }
    }

    private mutating func readComment(_ line: Substring) throws {
        let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[2].wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else {
            throw Failure(description: "\(line)")
        }
        func add(_ table: inout [String: String], _ value: String) throws {
            guard table.updateValue(value, forKey: parts[2]) == nil else {
                throw Failure(description: "twice: \(line)")
            }
        }
        switch parts[1] {
        case "HELP": try add(&helps, Self.unescaped(parts[3]))
        case "TYPE": try add(&types, parts[3])
        case "UNIT": try add(&units, parts[3])
        default: throw Failure(description: "\(line)")
        }
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let whole = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/
        guard let match = line.wholeMatch(of: whole), let value = Double(String(match.output.3)) else {
            throw Failure(description: "no sample: \(line)")
        }
        return Sample(
            name: String(match.output.1),
            labels: try labels(match.output.2 ?? ""),
            value: value
        )
    }

    private static func labels(_ text: Substring) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text
        while !rest.isEmpty {
            guard let match = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/) else {
                throw Failure(description: "no label: \(rest)")
            }
            labels[String(match.output.1)] = try unescaped(String(match.output.2))
            rest = rest[match.range.upperBound...]
        }
        return labels
    }

    private static func unescaped(_ text: String) throws -> String {
        var result = ""
        var iterator = text.makeIterator()
        while let character = iterator.next() {
            guard character == "\\" else {
                result.append(character)
                continue
            }
            switch iterator.next() {
            case "\\": result.append("\\")
            case "n": result.append("\n")
            case "\"": result.append("\"")
            default: throw Failure(description: "no escape: \(text)")
            }
        }
        return result
    }
}
