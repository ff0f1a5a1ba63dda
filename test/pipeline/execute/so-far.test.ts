import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schema } from "effect"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { digestOf } from "../../../pipeline/base/digest.ts"
import { StoreError } from "../../../pipeline/base/errors.ts"
import { showingOf } from "../../../pipeline/execute/so-far.ts"
import { layer as diskLayer } from "../../../pipeline/store/disk.ts"
import { layer as storeLayer, Store } from "../../../pipeline/store/store.ts"

const Row = Schema.Struct({ step: Schema.Natural, loss: Schema.Finite }).annotate({ identifier: "rows" })
const row = (step: number) => ({ step, loss: 1 / step })
const key = digestOf("key")

const root = mkdtempSync(join(tmpdir(), "redag-so-far-"))
afterAll(() => rmSync(root, { recursive: true }))
const log = join(root, "unfinished", key, "so-far.ndjson")
const store = storeLayer(root).pipe(Layer.provide(diskLayer))

/** One execution: what it says between its beginning and its end, which does not come. */
const execution = (say: (showing: ReturnType<typeof showingOf>) => Effect.Effect<void, StoreError>) =>
  Effect.gen(function*() {
    const showing = showingOf({ steps: Row, marks: Row }, (yield* Store).unfinished(key))
    yield* say(showing)
    yield* showing.end
  }).pipe(Effect.provide(store))

const read = Effect.gen(function*() {
  return yield* (yield* Store).unfinished(key).soFar.read
}).pipe(Effect.provide(store))

const stepsIn = (soFar: Effect.Success<typeof read>, output = "steps") =>
  soFar?.outputs.get(output)?.rows.map(({ step }) => step)

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

describe("what an execution made so far", () => {
  it.effect("is written where it shows rows alone, row by row or several at once, and what it says again counts once", () =>
    Effect.gen(function*() {
      yield* execution(({ advance }) => advance({ done: 1, total: 9, unit: "steps" }))
      assert.isUndefined(yield* read)
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.made("steps", upTo(3).map(row), 0)
          yield* showing.advance({ done: 3, total: 9, unit: "steps" })
          yield* showing.made("marks", [row(1), row(2)], 0)
          yield* showing.made("steps", [row(4)], 3)
          yield* showing.made("steps", [row(5)], 4)
          yield* showing.made("steps", [row(50)], 4)
          yield* showing.made("marks", [row(7)], 0)
          yield* showing.advance({ done: 5, total: 9, unit: "steps" })
        })
      )
      const soFar = yield* read
      assert.deepStrictEqual([stepsIn(soFar), stepsIn(soFar, "marks")], [[1, 2, 3, 4, 50], [7]])
      assert.deepStrictEqual(soFar?.outputs.get("steps")?.rows[1], row(2))
      assert.deepStrictEqual([soFar?.reached, soFar?.saved], [{ done: 5, total: 9, unit: "steps" }, undefined])
    }))

  it.effect("replaces what an earlier execution made so far, and knows what that saved where it goes on from it", () =>
    Effect.gen(function*() {
      const state = { state: [Buffer.from("at 2")] }
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.made("steps", upTo(2).map(row), 0)
          yield* showing.advance({ done: 2, total: 9, unit: "steps" })
          yield* showing.unfinished.save(state)
          yield* showing.made("steps", [row(3)], 2)
        })
      )
      assert.deepStrictEqual([stepsIn(yield* read), (yield* read)?.saved?.done], [[1, 2, 3], 2])
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.unfinished.restore
          yield* showing.made("steps", upTo(2).map(row), 0)
        })
      )
      assert.deepStrictEqual([stepsIn(yield* read), (yield* read)?.saved?.done], [[1, 2], 2])
      // One that begins again says so by how far it is.
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.unfinished.restore
          yield* showing.made("steps", [row(1)], 0)
          yield* showing.advance({ done: 1, total: 9, unit: "steps" })
        })
      )
      assert.isUndefined((yield* read)?.saved)
    }))

  it.effect("stays small: all of 10,000 rows and one in ten of those after them, whether said one by one or at once", () =>
    Effect.gen(function*() {
      const all = 50_000
      const kept = [...upTo(10_000), ...Array.from({ length: 4000 }, (_, index) => 10_001 + 10 * index)]
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.made("steps", upTo(12_345).map(row), 0)
          for (let step = 12_346; step <= all; step++) yield* showing.made("steps", [row(step)], step - 1)
        })
      )
      assert.deepStrictEqual(stepsIn(yield* read), kept)
      assert.strictEqual((yield* read)?.outputs.get("steps")?.made, all)
      assert.isBelow(statSync(log).size, 40 * kept.length)
      yield* execution((showing) => showing.made("steps", upTo(all).map(row), 0))
      assert.deepStrictEqual(stepsIn(yield* read), kept)
    }))

  it.effect("is read to its last whole line where a kill or a full disk cut it", () =>
    Effect.gen(function*() {
      yield* execution((showing) =>
        Effect.gen(function*() {
          yield* showing.made("steps", [row(1)], 0)
          yield* showing.unfinished.save({})
          yield* showing.made("steps", [row(2)], 1)
        })
      )
      assert.deepStrictEqual(stepsIn(yield* read), [1, 2])
      truncateSync(log, readFileSync(log).length - 9)
      assert.deepStrictEqual(stepsIn(yield* read), [1])
      truncateSync(log, 5)
      assert.isUndefined(yield* read)
    }))

  it.effect("leaves out rows that cannot be noted and goes on, those after them in their places", () =>
    Effect.gen(function*() {
      const Free = Schema.Struct({ step: Schema.Natural, loss: Schema.Number }).annotate({ identifier: "free" })
      const said: Array<unknown> = []
      yield* Effect.gen(function*() {
        const showing = showingOf({ steps: Row, free: Free }, (yield* Store).unfinished(key))
        for (const output of ["steps", "free"]) {
          yield* showing.made(output, [{ step: 1, loss: Number.NaN }], 0)
          yield* showing.unfinished.save({})
          yield* showing.made(output, [row(2), { step: 3, loss: Infinity }, row(4)], 1)
          yield* showing.made(output, [row(30)], 2)
          yield* showing.made(output, [row(40)], 3)
        }
        yield* showing.end
      }).pipe(
        Effect.provide(store),
        Effect.provide(Logger.layer([Logger.make(({ message }) => said.push(message))])),
      )
      assert.deepStrictEqual([stepsIn(yield* read), stepsIn(yield* read, "free")], [[2, 30, 40], [2, 30, 40]])
      assert.lengthOf(said, 1)
      assert.match(String(said[0]), /not finite/u)
    }))

  it.effect("is nothing where a folder has the name of its log", () =>
    Effect.gen(function*() {
      rmSync(log)
      mkdirSync(log)
      assert.isUndefined(yield* read)
      yield* execution((showing) => showing.made("steps", [row(1)], 0))
      rmSync(log, { recursive: true })
    }))

  it.effect("ends nothing where it cannot be written, and is tried no more", () =>
    Effect.gen(function*() {
      let tries = 0
      const unfinished = (yield* Store).unfinished(key)
      const showing = showingOf({ steps: Row }, {
        ...unfinished,
        soFar: {
          ...unfinished.soFar,
          say: ({ rows }) =>
            Effect.suspend(() => {
              tries++
              return new StoreError({ path: log, message: `cannot be written: ${Object.keys(rows).join()}`, help: "" })
            }),
        },
      })
      for (let step = 1; step < 5; step++) {
        yield* showing.made("steps", [row(step)], step - 1)
        yield* showing.advance({ done: step, total: 9, unit: "steps" })
        yield* showing.unfinished.save({})
      }
      yield* showing.end
      assert.strictEqual(tries, 1)
    }).pipe(Effect.provide(store)))
})
