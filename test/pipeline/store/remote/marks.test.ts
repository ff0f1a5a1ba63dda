import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { digestOf } from "../../../../pipeline/base/digest.ts"
import * as Disk from "../../../../pipeline/store/disk.ts"
import { layoutOf } from "../../../../pipeline/store/layout.ts"
import { isMarkName, makeDue, makeWithdrawn } from "../../../../pipeline/store/remote/marks.ts"
import { inFolder } from "../support.ts"

/** Runs a program on a disk, as a process of its own would. */
const onMarks = <A>(program: (disk: Disk.Disk["Service"]) => Effect.Effect<A, unknown>) =>
  Effect.runPromiseExit(Effect.flatMap(Disk.Disk, program).pipe(Effect.provide(Disk.layer)))

const [one, two] = [digestOf("one"), digestOf("two")]
const [here, there] = ["0123456789abcdef", "fedcba9876543210"]

describe("what remotes are yet to hear", () => {
  it("is known to the next process: of each remote what is due there, of all what was taken back", () =>
    inFolder(async (folder) => {
      const layout = layoutOf(folder)
      await onMarks((disk) =>
        Effect.gen(function*() {
          yield* makeDue(disk, layout, here).add([one, two])
          yield* makeDue(disk, layout, there).add([one])
          yield* makeWithdrawn(disk, layout).add([two, two])
        })
      )
      const names = readdirSync(join(folder, "remotes"))
      assert.strictEqual(names.length, 4)
      assert.isTrue(names.every(isMarkName))
      await onMarks((disk) => makeDue(disk, layout, here).remove([one]))
      const found = await onMarks((disk) =>
        Effect.sync(() => [
          makeDue(disk, layout, here).all(),
          makeDue(disk, layout, there).all(),
          makeWithdrawn(disk, layout).all(),
        ])
      )
      assert.deepStrictEqual(found, Exit.succeed([[two], [one], [two]]))
    }))

  it("fails where it cannot be written: nobody is told that it is kept", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "remotes"), "no folder")
      const added = await onMarks((disk) => makeWithdrawn(disk, layoutOf(folder)).add([one]))
      assert.isTrue(Exit.isFailure(added))
    }))
})
