import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { deliver } from "../../../pipeline/cli/deliver.ts"
import { Project } from "../../../pipeline/cli/project.ts"
import * as Disk from "../../../pipeline/store/disk.ts"
import * as Store from "../../../pipeline/store/store.ts"

it.effect("files are delivered beside what a killed process of the same number left, which stays as it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "redag-deliver-"))
  const file = join(folder, "weights.bin")
  // Processes of two containers may have one number.
  const left = `${file}.${process.pid}.part`
  writeFileSync(left, "half of it")
  return Effect.gen(function*() {
    const blob = yield* (yield* Store.Store).putBlob(Buffer.from("weights"))
    yield* deliver([{ file, wanted: { copyOf: blob } }, {
      file: join(folder, "page.html"),
      wanted: { content: "page" },
    }], false)
    assert.strictEqual(readFileSync(file, "utf8"), "weights")
    assert.strictEqual(readFileSync(left, "utf8"), "half of it")
    // Nothing of its own is left.
    assert.sameMembers(readdirSync(folder).filter((name) => name !== "store"), [
      "weights.bin",
      "page.html",
      `weights.bin.${process.pid}.part`,
    ])
    // The store is no place for them.
    const inside = yield* Effect.flip(
      deliver([{ file: join(folder, "store/objects/page.html"), wanted: { content: "page" } }], false),
    )
    assert.match(inside.message, /is in the store/u)
  }).pipe(
    Effect.provideService(Project, {
      root: folder,
      store: join(folder, "store"),
      experiment: { defaultProfile: "none", profiles: {} },
      settings: { sources: new Map(), fromFile: new Set<string>() },
      program: "",
      build: "",
    }),
    Effect.provide(Store.layer(join(folder, "store")).pipe(Layer.provideMerge(Disk.layer))),
    Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true }))),
  )
})
