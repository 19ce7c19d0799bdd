import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The discovery documents, as the agent answers them, as they are installed, and as programs in other languages read
    /// them.
    @Suite struct Discovery {
        @Test func `the installed documents are what rpc.discover answers`() async throws {
            try await TestBed.with { world in
                let root = world.scratch["root"]
                let install = try await RunningProcess.run(
                    "\(Binaries.sourceTree)/scripts/install-files",
                    [Binaries.directory, root, "/usr", "/etc"],
                    label: "install",
                    in: world.scratch
                )
                #expect(install.status == 0, "\(install.error)")
                for (file, answer) in [
                    ("openrpc.json", try world.agent.ask("rpc.discover", "{}")),
                    ("openrpc-control.json", try world.agent.askControl("rpc.discover")),
                ] {
                    let text = try String(contentsOfFile: "\(root)/usr/share/mosaicd/\(file)", encoding: .utf8)
                    #expect(try JSONTree(text) == answer["result"], "\(file)")
                    #expect(
                        text.hasSuffix("}\n") && text.split(separator: "\n").count > 100,
                        "\(file) is for people, too"
                    )
                }
            }
        }

        /// Compiles every pattern with `re`, and holds it against texts that fit and texts that do not.
        private static let program = #"""
            import json, re, sys

            document = json.load(sys.stdin)
            schemas = document["components"]["schemas"]
            found = set()

            def walk(value, name):
                if isinstance(value, list):
                    for item in value:
                        walk(item, name)
                if not isinstance(value, dict):
                    return
                if "$ref" in value:
                    target = document
                    for part in value["$ref"].split("/")[1:]:
                        target = target[part]
                if isinstance(value.get("pattern"), str):
                    re.compile(value["pattern"])
                    if "(?" in value["pattern"] or "[^]" in value["pattern"]:
                        sys.exit(name + ": look-around and empty classes are not known everywhere")
                    found.add(name)
                for key, item in value.items():
                    if key != "properties" and key != "schemas":
                        walk(item, name)
                for key, item in list(value.get("properties", {}).items()) + list(value.get("schemas", {}).items()):
                    walk(item, key)

            def fits(schema, text):
                patterns = [schema["pattern"]] if "pattern" in schema else []
                patterns += [part["pattern"] for part in schema.get("allOf", [])]
                return (
                    all(re.search(pattern, text) for pattern in patterns)
                    and text not in schema.get("not", {}).get("enum", [])
                    and schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
                )

            for method in document["methods"]:
                for parameter in method["params"]:
                    walk(parameter["schema"], parameter["name"])
            walk(document["components"], "components")

            def parameter(method, name):
                method = next(m for m in document["methods"] if m["name"] == method)
                return next(p["schema"] for p in method["params"] if p["name"] == name)

            if document["info"]["title"] == "mosaicd, main socket":
                sms = schemas["CustomSMSInput"]["properties"]["custom_message"]
                for schema, good, bad in [
                    (parameter("user.update", "user_id"), ["u1", "..."], ["", ".", "..", "a/b", "a%2Fb", "\x01", "a b", "\u00e9"]),
                    (parameter("user.get", "username"), ["a/b", "\u00e9"], ["", "..", "a\0"]),
                    (parameter("session.authenticate", "device_id"), ["d" * 80, "\u00e9" * 80], ["", "d" * 81]),
                    (sms, ["{otp} for {app}", "{app}\n{otp}"], ["no places here", "{otp}" + "x" * 20, "{otp}{app}" + "x" * 131]),
                ]:
                    for text in good:
                        assert fits(schema, text), (schema, text)
                    for text in bad:
                        assert not fits(schema, text), (schema, text)
            print(len(found))
            """#

        @Test(arguments: [[], ["--control"]])
        func `Python can read every pattern of the documents`(options: [String]) async throws {
            try await Scratch.with { scratch in
                let document = try await RunningProcess.run(
                    Binaries.mosaicctl,
                    ["discover", "--offline"] + options,
                    label: "discover",
                    in: scratch
                )
                #expect(document.status == 0, "\(document.error)")
                let python = try await RunningProcess.run(
                    "/usr/bin/env",
                    ["python3", "-c", Self.program],
                    input: document.output,
                    label: "python",
                    in: scratch
                )
                #expect(python.status == 0, "\(python.error)")
                #expect((Int(python.output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 0)
            }
        }
    }
}
