import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { areOver, isLocal, isLocalFolder } from "../../../pipeline/store/local-times.ts"
import { inFolder } from "./support.ts"

const second = 1_000_000_000n

describe("the times of a file", () => {
  const at = 1_700_000_000n * second

  it("are over once the clock shows a later one", () => {
    assert.isTrue(areOver(at + 1n, at + 2n, at + 3n))
    assert.isFalse(areOver(at + 1n, at + 3n, at + 3n))
    assert.isFalse(areOver(at + 3n, at + 1n, at + 3n))
  })

  it("are over two seconds later where the file changed at a whole second, as on ext3", () => {
    assert.isFalse(areOver(at, at, at + second))
    assert.isFalse(areOver(at - 1n, at, at + 2n * second))
    assert.isTrue(areOver(at, at, at + 2n * second + 1n))
    // Who unpacks an archive sets such times.
    assert.isTrue(areOver(at, at + 1n, at + 2n))
  })
})

describe("a folder", () => {
  it("is taken for one of this machine alone only where the system says so, which is asked again where it says nothing", () =>
    inFolder(async (folder) => {
      const store = join(folder, "store")
      // As of a network that does not answer, nothing can be said of what is below.
      symlinkSync("store", store)
      assert.isFalse(isLocalFolder(join(store, "below")))
      rmSync(store)
      mkdirSync(store)
      assert.strictEqual(isLocalFolder(join(store, "below")), isLocal(folder))
      assert.strictEqual(isLocalFolder(store), isLocal(folder))
    }))
})
