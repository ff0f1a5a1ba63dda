import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { type FileSet, findFiles, type Found, isThere } from "../../../pipeline/graph/files.ts"
import { archivedContent } from "../../../pipeline/graph/folders.ts"
import { zipOf } from "../../rig/zip.ts"

const look = (set: FileSet): Found => Effect.runSync(findFiles(set))

/** Runs a function in a folder that holds these files. */
const below = <A>(files: Readonly<Record<string, string | Uint8Array>>, use: (base: string) => A): A => {
  const base = mkdtempSync(join(tmpdir(), "redag-test-"))
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(base, name)), { recursive: true })
      writeFileSync(join(base, name), content)
    }
    return use(base)
  } finally {
    rmSync(base, { recursive: true })
  }
}

/** What is found, and what the files hold, on disk or in an archive. */
const filesOf = (set: FileSet) => {
  const found = look(set)
  assert.strictEqual(isThere(set), found._tag === "Found")
  if (found._tag === "Absent") return assert.fail(`absent: ${found.names.join(", ")}`)
  return found.files.map(({ name, path, digest, size }) => {
    const content = archivedContent(path) ?? readFileSync(path)
    assert.deepStrictEqual({ digest, size }, { digest: digestOf(content), size: content.length })
    return [name, content.toString()]
  })
}

/** What looking for a file says of the archives that may hold it. */
const unreadableFor = (base: string, name: string): ReadonlyArray<string> => {
  const found = look({ title: "t", base, names: [name] })
  return found._tag === "Absent" ? found.unreadable ?? [] : assert.fail("was found")
}

const namesOf = (found: Found): ReadonlyArray<string> =>
  found._tag === "Found" ? found.files.map(({ name }) => name) : assert.fail(`absent: ${found.names.join(", ")}`)

describe("files", () => {
  it("brat-appledouble: a file whose name begins with a dot is meant only by a pattern that begins with one", () => {
    below({ "d/d1.ann": "a", "d/._d1.ann": "b", "d/.d1.ann": "c" }, (base) => {
      const find = (name: string) => namesOf(look({ title: "t", base, names: [name] }))
      assert.deepStrictEqual(find("d/*.ann"), ["d/d1.ann"])
      assert.deepStrictEqual(find("d/*"), ["d/d1.ann"])
      assert.deepStrictEqual(find("d/._*"), ["d/._d1.ann"])
      assert.deepStrictEqual(find("d/.d1.ann"), ["d/.d1.ann"])
    })
  })

  const content = { "a/b/x.txt": "one", "a/b/y.txt": "two" }
  const expected = Object.entries(content)
  const layouts: ReadonlyArray<readonly [what: string, files: Readonly<Record<string, string | Uint8Array>>]> = [
    ["unpacked", content],
    ["in an archive of the outer folder", { "a.zip": zipOf(content) }],
    ["in an archive without the folder in it", { "a.zip": zipOf({ "b/x.txt": "one", "b/y.txt": "two" }) }],
    ["in an archive in the folder", { "a/b.zip": zipOf({ "b/x.txt": "one", "b/y.txt": "two" }) }],
    ["in an archive in an archive", {
      "a.zip": zipOf({ "a/b.zip": zipOf({ "b/x.txt": "one", "b/y.txt": "two" }), "a/readme": "" }),
    }],
    ["unpacked into a folder of the same name", { "a/b/b/x.txt": "one", "a/b/b/y.txt": "two" }],
    ["by a program of Windows", { "a.zip": zipOf({ "a\\b\\x.txt": "one", "a\\b\\y.txt": "two" }) }],
    ["with what macOS adds", { "a.zip": zipOf({ ...content, "__MACOSX/a/b/._x.txt": "", "a/b/._x.txt": "" }) }],
    ["elsewhere", { "other/place/x.txt": "one", "other/place/y.txt": "two" }],
    ["elsewhere, in an archive", { "other.zip": zipOf({ "other/place/x.txt": "one", "other/place/y.txt": "two" }) }],
    ["whole elsewhere and in part here", {
      "a/b/x.txt": "no",
      "other/place/x.txt": "one",
      "other/place/y.txt": "two",
    }],
  ]
  for (const [what, files] of layouts) {
    it(`finds files under the same names: ${what}`, () => {
      below(files, (base) => {
        const set = { title: "t", base, elsewhere: { folder: "a/b", places: ["nowhere", "other/place"] } }
        assert.deepStrictEqual(filesOf({ ...set, names: ["a/b/x.txt", "a/b/y.txt"] }), expected)
        if (!what.includes("in part")) assert.deepStrictEqual(filesOf({ ...set, names: ["a/b/*.txt"] }), expected)
      })
    })
  }

  it("of several places names what is missing in the one that lacks least", () => {
    below({ "other/x.txt": "one" }, (base) => {
      const elsewhere = { folder: "a", places: ["other"] }
      assert.deepStrictEqual(look({ title: "t", base, elsewhere, names: ["a/x.txt", "a/y.txt"] }), {
        _tag: "Absent",
        names: ["a/y.txt"],
      })
    })
  })

  it("takes an archive that is named itself as the file that it is, and only a path through one as what is in it", () => {
    below({ "a.zip": zipOf({ "x.txt": "one" }), "b.zip": "no archive", "c.zip/x.txt": "a folder" }, (base) => {
      const found = look({ title: "t", base, names: ["a.zip", "b.zip", "c.zip/x.txt"] })
      assert.deepStrictEqual(namesOf(found), ["a.zip", "b.zip", "c.zip/x.txt"])
      for (const name of namesOf(found)) assert.isUndefined(archivedContent(join(base, name)))
      assert.strictEqual(archivedContent(join(base, "a.zip/x.txt"))?.toString(), "one")
      assert.isUndefined(archivedContent(join(base, "a.zip/y.txt")))
    })
  })

  it("sees an archive that was replaced", () => {
    below({ "a.zip": zipOf({ "a/x.txt": "one" }) }, (base) => {
      const find = () => filesOf({ title: "t", base, names: ["a/x.txt"] })
      assert.deepStrictEqual(find(), [["a/x.txt", "one"]])
      writeFileSync(join(base, "a.zip"), zipOf({ "a/x.txt": "another" }))
      assert.deepStrictEqual(find(), [["a/x.txt", "another"]])
    })
  })

  it("takes nothing from an archive that is damaged, that names files outside itself, or that inflates to more than it says", () => {
    const long = zipOf({ "a/x.txt": "x".repeat(100_000) })
    const flipped = Buffer.from(long)
    flipped.writeUInt8((flipped.at(50) ?? 0) ^ 0xff, 50)
    // The size in the central directory: less, and more than is read of any archive.
    const sized = (size: number) => {
      const bytes = Buffer.from(long)
      bytes.writeUInt32LE(size, bytes.lastIndexOf("PK\x01\x02") + 24)
      return bytes
    }
    const outside = zipOf({ "a/bb/x.txt": "no" })
    for (const from of [outside.indexOf("bb"), outside.lastIndexOf("bb")]) outside.write("..", from)
    const cases: ReadonlyArray<readonly [archive: Uint8Array, message: RegExp, file: string]> = [
      [Buffer.from("not a zip"), /cannot be read as a zip archive/u, "a.zip"],
      [long.subarray(0, -30), /cannot be read as a zip archive/u, "a.zip"],
      [flipped, /cannot be read as a zip archive/u, "a.zip/a/x.txt"],
      [sized(10), /cannot be read as a zip archive|damaged/u, "a.zip/a/x.txt"],
      [sized(2 ** 30), /larger than 512 MiB/u, "a.zip/a/x.txt"],
      [outside, /names a file outside the archive: "a\/\.\.\/x\.txt"/u, "a.zip"],
    ]
    for (const [archive, message, file] of cases) {
      below({ "a.zip": archive }, (base) => {
        const [said = "", ...more] = unreadableFor(base, "a/x.txt")
        assert.match(said, message)
        assert.isTrue(said.startsWith(`${join(base, file)} `), said)
        assert.lengthOf(more, 0)
      })
    }
  })

  it("looks on in other places where an archive cannot be read, and says what is wrong with it where none has the files", () => {
    const set = (base: string): FileSet => ({
      title: "t",
      base,
      names: ["a/x.txt"],
      elsewhere: { folder: "a", places: ["data", "main"] },
    })
    below({ "data.zip": "something else", "main.zip": zipOf({ "x.txt": "one" }) }, (base) => {
      assert.deepStrictEqual(filesOf(set(base)), [["a/x.txt", "one"]])
    })
    below({ "a.zip": "half of it", "data.zip": "something else" }, (base) => {
      const found = look(set(base))
      assert.isFalse(isThere(set(base)))
      if (found._tag === "Found") return assert.fail("was found")
      assert.deepStrictEqual(found.names, ["a/x.txt"])
      assert.deepStrictEqual(
        found.unreadable?.map((said) => said.slice(base.length + 1).split(" ", 1)[0]),
        ["a.zip", "data.zip"],
      )
    })
  })

  it("says of a file in an archive that it is encrypted", () => {
    const bytes = zipOf({ "a/x.txt": "one" })
    for (const header of ["PK\x03\x04", "PK\x01\x02"]) {
      const flags = bytes.indexOf(header, 0, "latin1") + (header === "PK\x03\x04" ? 6 : 8)
      bytes.writeUInt16LE(bytes.readUInt16LE(flags) | 1, flags)
    }
    below({ "a.zip": bytes }, (base) => {
      assert.match(unreadableFor(base, "a/x.txt").join("\n"), /^[^\n]*a\.zip\/a\/x\.txt is encrypted/u)
    })
  })

  it("finds files whose names in an archive have empty parts or dots", () => {
    for (
      const [written = "", plain = ""] of [["./x.txt", "0/x.txt"], ["a//x.txt", "a/0x.txt"], [
        "./a//x.txt",
        "0/a/0x.txt",
      ]]
    ) {
      // The library would tidy the name.
      const bytes = zipOf({ [plain]: "one" })
      const text = bytes.toString("latin1").replaceAll(plain, written)
      below({ "a.zip": Buffer.from(text, "latin1") }, (base) => {
        assert.deepStrictEqual(filesOf({ title: "t", base, names: ["a/x.txt"] }), [["a/x.txt", "one"]])
      })
    }
  })
})
