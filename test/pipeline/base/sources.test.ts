import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compareSources, notedAgain, noteSources, type SourceStates } from "../../../pipeline/base/sources.ts"

/** As if noted so long after the files were written that no later write could have left them looking the same. */
const later = (states: SourceStates | undefined): SourceStates => {
  assert.isDefined(states)
  return { ...states, noted: states.noted + 60_000 }
}

const inFolder = (look: (file: string, missing: string) => void): void => {
  const folder = mkdtempSync(join(tmpdir(), "redag-sources-"))
  try {
    const file = join(folder, "one.ts")
    writeFileSync(file, "export const one = 1\n")
    look(file, join(folder, "lock.json"))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe("files that a build was made of", () => {
  it("are read once more after they were touched, and not again once that is noted, also where one need not be there", () => {
    inFolder((file, missing) => {
      const first = later(noteSources([file], [missing]))
      assert.strictEqual(compareSources(first), "same")
      utimesSync(file, new Date(0), new Date(0))
      assert.strictEqual(compareSources(first), "touched")
      const again = later(notedAgain(first))
      assert.strictEqual(compareSources(again), "same")
      writeFileSync(missing, "{}")
      assert.strictEqual(compareSources(again), "changed")
    })
  })

  it("are not noted again where one changed, came or went meanwhile", () => {
    inFolder((file, missing) => {
      const first = later(noteSources([file], [missing]))
      writeFileSync(missing, "{}")
      assert.isUndefined(notedAgain(first))
      rmSync(missing)
      writeFileSync(file, "export const one = 2\n")
      assert.isUndefined(notedAgain(first))
      rmSync(file)
      assert.isUndefined(notedAgain(first))
    })
  })
})
