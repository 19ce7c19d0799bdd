import AgentProtocol

/// Metrics as text for monitoring systems.
///
/// Two formats that differ in little: Prometheus' own (its documentation, "Exposition formats", version 0.0.4), and
/// OpenMetrics 1.0. Both have `# HELP` and `# TYPE` lines and one line per sample. In OpenMetrics the family of a counter is
/// called without `_total`, there is a line `# UNIT`, quotation marks are escaped in help texts, too, and the last line is
/// `# EOF`.
enum MetricsText {
    /// The dialect.
    enum Format: String, CaseIterable {
        case prometheus
        case openmetrics
    }

    /// The text of all metrics that have samples, each line with its LF.
    static func text(_ metrics: [DaemonMetrics.Metric], as format: Format) -> String {
        var text = ""
        for metric in metrics where !metric.samples.isEmpty && isName(metric.name) {
            let family = family(of: metric, format)
            text += "# HELP \(family) \(escaped(metric.help, quotes: format == .openmetrics))\n"
            text += "# TYPE \(family) \(isKnown(metric.type) ? metric.type.name : unknownType(format))\n"
            if format == .openmetrics, let unit = metric.unit, isName(unit), family.hasSuffix("_" + unit) {
                text += "# UNIT \(family) \(unit)\n"
            }
            for sample in metric.samples { text += lines(of: sample, metric.name) }
        }
        return format == .openmetrics ? text + "# EOF\n" : text
    }

    private static func family(of metric: DaemonMetrics.Metric, _ format: Format) -> String {
        let suffix = "_total"
        guard format == .openmetrics, metric.type == .counter, metric.name.hasSuffix(suffix) else { return metric.name }
        return String(metric.name.dropLast(suffix.count))
    }

    /// An agent of a later version may have types that this one cannot write.
    private static func isKnown(_ type: MetricType) -> Bool {
        [.counter, .gauge, .histogram].contains(type)
    }

    private static func unknownType(_ format: Format) -> String {
        format == .openmetrics ? "unknown" : "untyped"
    }

    private static func lines(of sample: DaemonMetrics.Sample, _ name: String) -> String {
        if let value = sample.value { return "\(name)\(labels(sample.labels)) \(number(value))\n" }
        guard let count = sample.count, let sum = sample.sum else { return "" }
        var text = ""
        for bucket in sample.buckets {
            text += "\(name)_bucket\(labels(sample.labels, bound: number(bucket.bound))) \(bucket.count)\n"
        }
        text += "\(name)_bucket\(labels(sample.labels, bound: "+Inf")) \(count)\n"
        text += "\(name)_sum\(labels(sample.labels)) \(number(sum))\n"
        return text + "\(name)_count\(labels(sample.labels)) \(count)\n"
    }

    private static func labels(_ labels: [String: String], bound: String? = nil) -> String {
        var parts = labels.filter { isName($0.key) }.sorted { $0.key < $1.key }.map { name, value in
            "\(name)=\"\(escaped(value, quotes: true))\""
        }
        if let bound { parts.append("le=\"\(bound)\"") }
        return parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? value.description
    }

    /// Names come from the agent and go into lines as they are, so they must be names.
    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
            }
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            // Neither format has a way to write them, and they could do harm on a terminal.
            case _ where character.properties.generalCategory == .control: result += "?"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
