import { assert, describe, it } from "@effect/vitest"
import { fileNames } from "../../../pipeline/report/provenance/file-names.ts"
import { redaction } from "../../../pipeline/report/provenance/redact.ts"

describe("what exports leave out", () => {
  const { text, value } = redaction(["/home/me", "/home/me/project", "/x", "/"])

  it.each([
    ["/home/me/project/corpora/a.txt", "[folder of this machine]/corpora/a.txt"],
    ["file:///home/me/a", "file://[folder of this machine]/a"],
    // Another folder whose name begins alike, and the path of an address.
    ["/home/mercury/a", "/home/mercury/a"],
    ["https://host.example/x", "https://host.example/x"],
    ["/", "/"],
  ])("takes a folder of the machine out of %s", (given, wanted) => {
    assert.strictEqual(text(given), wanted)
  })

  it.each([
    ["https://me:pass@host/a", "https://host/a"],
    ["https://me:pa/ss@host/a", "https://host/a"],
    ["postgres://me:p@ss@host/a", "postgres://host/a"],
    ["git+https://token@host/a.git", "git+https://host/a.git"],
    ["https://host/a?api_key=abc&b=1", "https://host/a?api_key=[taken out]&b=1"],
    ["Authorization: Bearer abcdefghijkl", "Authorization: Bearer [taken out]"],
    [`key hf_${"a".repeat(30)}`, "key [taken out]"],
    // Nothing of a secret.
    ["https://host:8080/a", "https://host:8080/a"],
    ["\"https://a.example\",\"me@b.example\"", "\"https://a.example\",\"me@b.example\""],
  ])("takes what looks like a secret out of %s", (given, wanted) => {
    assert.strictEqual(text(given), wanted)
  })

  it("looks into all of a value, names of fields too", () => {
    assert.deepStrictEqual(value({ "/x/a": ["/x/b", 1, null, { b: "c" }] }), {
      "[folder of this machine]/a": ["[folder of this machine]/b", 1, null, { b: "c" }],
    })
  })
})

describe("the files of MLflow's folder", () => {
  it("have a path each, none outside of the folder and none in the way of another", () => {
    const names = [
      "a",
      "a/b",
      "a/b/c",
      "..",
      "../x",
      "",
      "x@y",
      "x#y",
      "x".repeat(300),
      "/",
      "a.b",
      "redag.stage",
      "a//b",
    ]
    const paths = [...fileNames(names).values()]
    assert.lengthOf(paths, names.length)
    assert.strictEqual(new Set(paths).size, names.length)
    for (const path of paths) {
      assert.match(path, /^[\w\-. :/]{1,200}$/u)
      assert.isFalse(path.split("/").some((part) => /^[. ]*$/u.test(part)), path)
      assert.isFalse(paths.some((other) => other.startsWith(`${path}/`)), path)
    }
    assert.strictEqual(fileNames(["loss", "paper/f1"]).get("paper/f1"), "paper/f1")
  })
})
