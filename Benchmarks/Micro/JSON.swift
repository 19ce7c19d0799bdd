import Benchmark
import Secrets
import StrictJSON

/// The scanner over both texts of a login, and the writer of an answer.
func measureJSON() {
    Benchmark("scanner: request of \(Sample.request.count) bytes") { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(try JSONDocument(parsing: Sample.request, maximumDepth: 16).root["id"]?.kind)
        }
    }
    Benchmark("scanner: answer of \(Sample.answer.count) bytes") { benchmark in
        for _ in benchmark.scaledIterations {
            blackHole(try JSONDocument(parsing: Sample.answer, maximumDepth: 16).root["expires_in"]?.kind)
        }
    }
    let tokens = [800, 700, 400].map { Secret(copying: Sample.token($0).utf8) }
    Benchmark("writer: answer with three tokens") { benchmark in
        for _ in benchmark.scaledIterations {
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("verdict")
            writer.string("granted")
            for (name, token) in zip(["access_token", "id_token", "refresh_token"], tokens) {
                writer.key(name)
                writer.secret(token)
            }
            writer.key("expires_in")
            writer.integer(3600)
            writer.endObject()
            blackHole(writer.bytes.count)
        }
    }
}
