import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { calls } from "../../../pipeline/store/calls.ts"
import { Store } from "../../../pipeline/store/store.ts"
import { inFolder, onStore, storeLayer } from "./support.ts"

const set = (profile: string, ...nodes: ReadonlyArray<string>) =>
  Effect.flatMap(Store, (store) => store.publishHeads(profile, new Map(nodes.map((node) => [node, digestOf(node)]))))

const nodesOf = (profile: string) =>
  Effect.flatMap(Store, (store) => Effect.map(store.heads(profile), (heads) => [...heads.keys()].toSorted()))

describe("heads", () => {
  it("row 17: of runs of one profile at once are all there", () =>
    inFolder(async (folder) => {
      await onStore(folder, set("p", "n/0"))
      const others = Array.from({ length: 5 }, (_, at) => `n/${at + 1}`)
      const left = [...others]
      // Just before this run's heads get their name, another run sets its own, five times.
      const link = (from: string, to: string) => {
        const other = left.pop()
        if (other !== undefined) Effect.runSync(set("p", other).pipe(Effect.provide(storeLayer(folder))))
        calls.link(from, to)
      }
      await onStore(folder, set("p", "n/mine"), { ...calls, link })
      assert.deepStrictEqual(await onStore(folder, nodesOf("p")), ["n/0", ...others, "n/mine"])
      assert.isAtMost(readdirSync(join(folder, "heads")).length, 2)
    }))

  it("row 17: of a run whose version others wrote and removed meanwhile are not lost", () =>
    inFolder(async (folder) => {
      await onStore(folder, set("p", "n/0"))
      const left = ["n/1", "n/2", "n/3"]
      // After this run read the first version, and before it gives its own the next name, others come and go.
      const link = (from: string, to: string) => {
        for (const other of left.splice(0)) Effect.runSync(set("p", other).pipe(Effect.provide(storeLayer(folder))))
        calls.link(from, to)
      }
      await onStore(folder, set("p", "n/mine"), { ...calls, link })
      assert.deepStrictEqual(await onStore(folder, nodesOf("p")), ["n/0", "n/1", "n/2", "n/3", "n/mine"])
      await onStore(folder, set("p", "n/4"))
      assert.lengthOf(readdirSync(join(folder, "heads")), 2)
    }))

  it("that are listed and cannot be opened are not taken for none", () =>
    inFolder(async (folder) => {
      await onStore(folder, set("p", "n/0"))
      const stat: typeof calls.stat = (path) => (path.includes("/heads/p.") ? undefined : calls.stat(path))
      const failure = await onStore(folder, Effect.flip(set("p", "n/1")), { ...calls, stat })
      assert.include(failure.message, "is listed in its folder")
      assert.deepStrictEqual(await onStore(folder, nodesOf("p")), ["n/0"])
    }))

  it("that are damaged give way to those before", () =>
    inFolder(async (folder) => {
      await onStore(folder, set("p", "first"))
      await onStore(folder, set("p", "second"))
      const newest = readdirSync(join(folder, "heads")).toSorted().at(-1) ?? ""
      truncateSync(join(folder, "heads", newest), 100)
      assert.deepStrictEqual(await onStore(folder, nodesOf("p")), ["first"])
      await onStore(folder, set("p", "third"))
      assert.deepStrictEqual(await onStore(folder, nodesOf("p")), ["first", "third"])
    }))

  it("row 19: of a profile of any name stay in their folder", () =>
    inFolder(async (outer) => {
      const folder = join(outer, "store")
      const names = ["../../x", "/etc/x", ".", "..", "", "a.1", "a", "\u0000", "ö\n", "%2e", "con"]
      for (const name of names) await onStore(folder, set(name, `n/${name}`))
      assert.deepStrictEqual(readdirSync(outer), ["store"])
      assert.lengthOf(readdirSync(join(folder, "heads")), names.length)
      for (const name of names) assert.deepStrictEqual(await onStore(folder, nodesOf(name)), [`n/${name}`])
      assert.deepStrictEqual(
        await onStore(folder, Effect.flatMap(Store, (store) => store.profiles)),
        names.toSorted(),
      )
    }))
})
