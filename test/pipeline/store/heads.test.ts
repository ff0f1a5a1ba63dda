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
