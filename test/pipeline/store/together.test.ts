import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { promisify } from "node:util"
import { type Calls, calls } from "../../../pipeline/store/calls.ts"
import { publishTogether } from "../../../pipeline/store/together.ts"
import { bundlesIn, unwrittenIn } from "./bundles.ts"
import { inFolder } from "./support.ts"

const run = promisify(execFile)

/** A program that publishes 128 actions, each with folders of its own. */
const limited = join(import.meta.dirname, "limited.ts")

/** The calls, which are noted with the part of the store that each is about. */
const noted = (folder: string, over: Partial<Calls> = {}) => {
  const all: Array<string> = []
  const paths = new Map<number, string>()
  const kind = (path: string) => /^.(tmp|objects|actions)/u.exec(path.slice(folder.length))?.[1] ?? ""
  const own: Calls = {
    ...calls,
    open: (path, how) => {
      const file = calls.open(path, how)
      paths.set(file, path)
      return file
    },
    syncBeside: async (file) => {
      const path = paths.get(file) ?? ""
      await calls.syncBeside(file)
      all.push(`forced ${kind(path)}`)
    },
    rename: (from, to) => {
      calls.rename(from, to)
      all.push(`named ${kind(to)}`)
    },
    link: (from, to) => {
      calls.link(from, to)
      all.push(`named ${kind(to)}`)
    },
    ...over,
  }
  return { all, calls: own }
}

describe("actions that are published together", () => {
  it("have the bytes of all files on the disk before any name, and the names of all objects before any record", () =>
    inFolder(async (folder) => {
      const { all, calls: own } = noted(folder)
      const outcomes = await publishTogether(own, bundlesIn(folder, 3))
      assert.deepStrictEqual(outcomes, Array.from({ length: 3 }, () => ({ _tag: "Named", isNew: true })))
      assert.strictEqual(all.lastIndexOf("forced tmp"), 8)
      assert.isBelow(all.lastIndexOf("forced objects"), all.indexOf("named actions"))
      // A folder is forced once for all that got their names in it, and the one above for the two that were made.
      assert.lengthOf(all.filter((each) => each === "forced objects"), 3)
      assert.deepStrictEqual(all.filter((each) => each.endsWith("actions")), [
        "named actions",
        "named actions",
        "named actions",
        "forced actions",
      ])
      assert.strictEqual(readFileSync(join(folder, "objects/1/10"), "utf8"), "o10")
      assert.strictEqual(readFileSync(join(folder, "actions/2.json"), "utf8"), "r2")
    }))

  it("fail one by one: the others are published, and what failed has no record", () =>
    inFolder(async (folder) => {
      const full = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" })
      const { calls: own } = noted(folder, {
        rename: (from, to) => {
          if (to.endsWith("/11")) throw full
          calls.rename(from, to)
        },
      })
      const outcomes = await publishTogether(own, bundlesIn(folder, 3))
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), ["Named", "Failed", "Named"])
      assert.deepInclude(outcomes[1], { thrown: full, path: join(folder, "objects/1/11") })
      assert.deepStrictEqual([0, 1, 2].map((each) => existsSync(join(folder, `actions/${each}.json`))), [
        true,
        false,
        true,
      ])
    }))

  it("leave a record alone that is there", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "actions"))
      writeFileSync(join(folder, "actions/1.json"), "first")
      const outcomes = await publishTogether(calls, bundlesIn(folder, 2))
      assert.deepStrictEqual(outcomes, [{ _tag: "Named", isNew: true }, { _tag: "Named", isNew: false }])
      assert.strictEqual(readFileSync(join(folder, "actions/1.json"), "utf8"), "first")
    }))

  it("fail one by one where the disk is full or fails as what they hold is written or forced to it", () =>
    inFolder(async (folder) => {
      const codes = new Map([["o10", "ENOSPC"], ["o21", "EIO"], ["r3", "ENOSPC"], ["r4", "EIO"]])
      const paths = new Map<number, string>()
      const refuse = (file: number, code: string) => {
        const name = basename(paths.get(file) ?? "")
        if (codes.get(name) === code) throw Object.assign(new Error(code), { code })
      }
      let open = 0
      const outcomes = await publishTogether({
        ...calls,
        open: (path, how) => {
          const file = calls.open(path, how)
          open++
          paths.set(file, path)
          return file
        },
        close: (file) => {
          open--
          calls.close(file)
        },
        write: (file, from, at, _, position) => {
          // Some of it is there by then.
          const written = calls.write(file, from, at, 1, position)
          if (at > 0) refuse(file, "ENOSPC")
          return written
        },
        syncBeside: async (file) => {
          refuse(file, "EIO")
          await calls.syncBeside(file)
        },
      }, unwrittenIn(folder, 6))
      assert.deepStrictEqual(outcomes.map(({ _tag }) => _tag), [
        "Named",
        "Failed",
        "Failed",
        "Failed",
        "Failed",
        "Named",
      ])
      assert.deepStrictEqual(readdirSync(join(folder, "actions")).toSorted(), ["0.json", "5.json"])
      for (const [number, part] of [[0, 0], [0, 1], [5, 0], [5, 1]] as const) {
        assert.strictEqual(
          readFileSync(join(folder, `objects/${number % 2}/${number}${part}`), "utf8"),
          `o${number}${part}`,
        )
      }
      assert.strictEqual(open, 0)
    }))

  it("have no more files open at a time than a system allows, however many they are", () =>
    inFolder(async (folder) => {
      let open = 0
      let most = 0
      const outcomes = await publishTogether({
        ...calls,
        open: (path, how) => {
          const file = calls.open(path, how)
          most = Math.max(most, ++open)
          return file
        },
        close: (file) => {
          open--
          calls.close(file)
        },
        // A disk is not needed for this.
        syncBeside: () => Promise.resolve(),
      }, unwrittenIn(folder, 300))
      assert.deepStrictEqual(new Set(outcomes.map(({ _tag }) => _tag)), new Set(["Named"]))
      assert.lengthOf(readdirSync(join(folder, "actions")), 300)
      assert.isAtMost(most, 256)
      assert.strictEqual(open, 0)
    }))

  for (const [what, bundles] of [["unwritten", "unwrittenIn"], ["written", "bundlesIn"]] as const) {
    it(`are published under a small limit of open files, which leaves some to others (${what})`, () =>
      inFolder(async (folder) => {
        const { stdout } = await run(
          "sh",
          ["-c", "ulimit -n 120; exec \"$0\" \"$1\" \"$2\" \"$3\"", process.execPath, limited, folder, bundles],
        )
        const { tags, spare } = JSON.parse(stdout) as { tags: ReadonlyArray<string>; spare: number }
        assert.deepStrictEqual(tags, Array.from({ length: 128 }, () => "Named"))
        assert.lengthOf(readdirSync(join(folder, "actions")), 128)
        assert.strictEqual(readFileSync(join(folder, "actions/127.json"), "utf8"), "r127")
        assert.strictEqual(readFileSync(join(folder, "objects/127/1271"), "utf8"), "o1271")
        assert.isAtLeast(spare, 20)
      }))
  }
})
