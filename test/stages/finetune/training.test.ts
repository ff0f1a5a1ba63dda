import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach } from "vitest"
import { StoreError } from "../../../pipeline/base/errors.ts"
import type { Unfinished } from "../../../pipeline/graph/stage.ts"
import type { Counters } from "../../../stages/shared/params/protocol.ts"
import { Folder, scripted, type Trained } from "./support.ts"

type Service = Unfinished["Service"]

let folder: Folder
beforeEach(() => {
  folder = new Folder()
})
afterEach(() => folder.remove())

/** What stays the same however often a training was interrupted: all but its speeds. */
const made = ({ weights, history: { steps, evaluations, planned, due, finished } }: Trained) => ({
  weights,
  steps,
  evaluations,
  planned,
  due,
  finished,
})

/** Fails the way a killed process does: at the operation of that number, once before it is done and once after. */
const killedAt = (operation: number, when: "before" | "after") => {
  let count = 0
  const around = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      if (count++ !== operation) return effect
      return when === "before" ? Effect.die("killed") : Effect.andThen(effect, Effect.die("killed"))
    })
  return ({ find, keep, drop, names, interval }: Service): Service => ({
    find: (name) => around(find(name)),
    keep: (name, pieces) => around(keep(name, pieces)),
    drop: (name) => around(drop(name)),
    names: around(names),
    interval,
  })
}

describe("a training with validation", () => {
  it.effect("ends with the weights of the first epoch of the highest F1", () =>
    Effect.gen(function*() {
      const script = scripted([0.2, 0.5, 0.5])
      const { weights, evaluations, history } = yield* folder.run({ script })
      assert.strictEqual(history.steps.length, 12)
      assert.deepStrictEqual(
        evaluations.map(({ epoch, step, f1, chosen }) => ({ epoch, step, f1, chosen })),
        [
          { epoch: 1, step: 4, f1: 0.2, chosen: false },
          { epoch: 2, step: 8, f1: 0.5, chosen: true },
          { epoch: 3, step: 12, f1: 0.5, chosen: false },
        ],
      )
      assert.strictEqual(weights, script.seen[1])
      assert.strictEqual(new Set(script.seen).size, 3)
    }))

  it.effect("whose counters are pooled chooses by the F1 of all evaluations so far, killed or not", () =>
    Effect.gen(function*() {
      const options = (counters: Counters) => ({ script: scripted([0, 1, 0.8], null, 1, counters) })
      const chosen = ({ evaluations }: Trained) =>
        evaluations.map(({ f1, correct, gold, chosen }) => [Math.round(1000 * f1) / 1000, correct, gold, chosen])
      assert.deepStrictEqual(chosen(yield* folder.run(options("reset"))), [
        [0, 0, 10, false],
        [1, 10, 10, true],
        [0.8, 8, 10, false],
      ])
      // 0 of 10, 10 of 20, 18 of 30: the third is the best, though the second epoch was.
      const pooled = [[0, 0, 10, false], [0.5, 10, 10, false], [0.6, 8, 10, true]]
      assert.deepStrictEqual(chosen(yield* new Folder().run(options("pooled"))), pooled)
      const own = new Folder()
      let kept = 0
      const killed = yield* Effect.exit(own.run(options("pooled"), (service) => ({
        ...service,
        keep: (name, pieces) =>
          name === "training.json" && kept++ === 6 ? Effect.die("killed") : service.keep(name, pieces),
      })))
      assert.isTrue(Exit.isFailure(killed))
      const again = yield* own.run(options("pooled"))
      assert.strictEqual(again.counts["steps of an earlier run"], 8)
      assert.deepStrictEqual(chosen(again), pooled)
      own.remove()
    }))

  it.effect("trains as it does without", () =>
    Effect.gen(function*() {
      const script = scripted([0.1, 0.2, 0.3])
      const { weights, history } = yield* folder.run({ script })
      const without = yield* new Folder().run()
      assert.strictEqual(weights, without.weights)
      assert.deepStrictEqual(history.steps, without.history.steps)
      assert.deepStrictEqual(without.evaluations, [])
    }))

  it.effect("stops when its patience is at an end", () =>
    Effect.gen(function*() {
      const script = scripted([0.4, 0.6, 0.1, 0.2, 0.9], 2)
      const { history, weights } = yield* folder.run({ script, duration: { epochs: 6 } })
      assert.deepStrictEqual(history.evaluations.map(({ epoch }) => epoch), [1, 2, 3, 4])
      assert.strictEqual(history.steps.length, 16)
      assert.strictEqual(weights, script.seen[1])
    }))

  it.effect("evaluates from an epoch on, and the end in any case", () =>
    Effect.gen(function*() {
      const epochs = (fromEpoch: number, maxSteps: number) =>
        Effect.map(
          new Folder().run({ script: scripted([0.1, 0.2, 0.3], null, fromEpoch), duration: { maxSteps } }),
          ({ evaluations }) => evaluations.map(({ epoch, step }) => `${epoch} at ${step}`),
        )
      assert.deepStrictEqual(yield* epochs(2, 12), ["2 at 8", "3 at 12"])
      assert.deepStrictEqual(yield* epochs(2, 10), ["2 at 8", "3 at 10"])
      assert.deepStrictEqual(yield* epochs(9, 6), ["2 at 6"])
    }))

  it.effect("tells where it is", () =>
    Effect.gen(function*() {
      const { notes } = yield* folder.run({ script: scripted([0.2, 0.5, 0.4]) })
      assert.match(notes[0] ?? "", /^epoch 0\.3, loss \d\.\d{3}, \d+ tokens\/s$/u)
      assert.match(notes.at(-1) ?? "", /^epoch 3\.0, loss .*, best F1 50\.0 in epoch 2$/u)
    }))
})

describe("a training that was killed", () => {
  it.effect("ends in the same bytes, whichever file operation was the last", () =>
    Effect.gen(function*() {
      const options = () => ({ script: scripted([0.5, 0.3]), duration: { epochs: 2 } })
      const whole = made(yield* folder.run(options()))
      const repeated: Array<number> = []
      // Until the training is over before so many operations.
      for (let operation = 0, over = false; !over; operation++) {
        for (const when of ["before", "after"] as const) {
          const own = new Folder()
          const first = yield* Effect.exit(own.run(options(), killedAt(operation, when)))
          over = Exit.isSuccess(first)
          const second = yield* own.run(options())
          assert.deepStrictEqual(made(second), whole, `${when} operation ${operation}`)
          repeated.push(second.counts["steps of an earlier run"] ?? 0)
          assert.isBelow(readdirSync(own.path("")).length, 4)
          own.remove()
          if (over) break
        }
      }
      // Later and later kills find more and more steps made.
      assert.deepStrictEqual([...new Set(repeated)], [0, 2, 4, 6, 8])
    }))

  it.effect("removes what no header names, which a kill may leave", () =>
    Effect.gen(function*() {
      const own = new Folder()
      yield* Effect.exit(own.run({}, killedAt(9, "after")))
      const named = readdirSync(own.path(""))
      writeFileSync(own.path("arrays-7"), "left over")
      yield* Effect.exit(own.run({}, killedAt(named.length + 5, "before")))
      assert.notInclude(readdirSync(own.path("")), "arrays-7")
      own.remove()
    }))

  it.effect("begins anew where what was kept is damaged, cut or of another engine", () =>
    Effect.gen(function*() {
      const whole = made(yield* new Folder().run())
      const damages: ReadonlyArray<readonly [name: RegExp, change: (bytes: Buffer) => Buffer]> = [
        [/^arrays/u, (bytes) => bytes.fill(1, 100, 101)],
        [/^arrays/u, (bytes) => bytes.subarray(0, -4)],
        [/^training/u, (bytes) => bytes.subarray(0, -4)],
        [/^training/u, (bytes) => Buffer.from(bytes.toString().replace("\"format\":1", "\"format\":0"))],
        [/^training/u, (bytes) => Buffer.from(bytes.toString().replace("\"engine\":\"onnx", "\"engine\":\"tensor"))],
      ]
      for (const [name, change] of damages) {
        const own = new Folder()
        yield* Effect.exit(own.run({}, killedAt(9, "after")))
        const file = readdirSync(own.path("")).find((each) => name.test(each)) ?? ""
        const before = own.read(file)
        const after = change(Buffer.from(before))
        assert.isFalse(before.equals(after))
        writeFileSync(own.path(file), after)
        const again = yield* own.run()
        assert.isUndefined(again.counts["steps of an earlier run"])
        assert.deepStrictEqual(made(again), whole)
        own.remove()
      }
    }))
})

describe("a training that cannot go on", () => {
  it.effect("because the disk is full, says at which step, and leaves what was kept", () =>
    Effect.gen(function*() {
      let kept = 0
      const full = (service: Service): Service => ({
        ...service,
        keep: (name, pieces) =>
          name.startsWith("arrays") && kept++ === 2
            ? Effect.fail(
              new StoreError({ path: name, message: "cannot be written: the disk is full", help: "free some" }),
            )
            : service.keep(name, pieces),
      })
      const error = yield* Effect.flip(folder.run({}, full))
      assert.match(error.message, /the disk is full \(to save step 6 of the training\)/u)
      assert.match(error.help, /free some; training goes on from step 4/u)
      const { counts } = yield* folder.run()
      assert.strictEqual(counts["steps of an earlier run"], 4)
    }))

  it.effect("because it diverges, says at which step, and that it would again", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(folder.run({ learningRate: 1e38, warmupRatio: 0 }))
      const step = Number(/^step (\d+): loss/u.exec(error.message)?.[1])
      assert.isAbove(step, 1)
      assert.match(error.help, /lower the learning rate.*comes to the same step/u)
      const again = yield* Effect.flip(folder.run({ learningRate: 1e38, warmupRatio: 0 }))
      assert.strictEqual(again.message, error.message)
    }))

  it.effect("because memory ran out, says at which step", () =>
    Effect.gen(function*() {
      const { onnxEngine } = yield* Effect.promise(() => import("../../../models/engines/onnx/engine.ts"))
      let compiled = 0
      const engine: typeof onnxEngine = {
        ...onnxEngine,
        // The second length that is met is one too many.
        compile: (program, options) =>
          compiled++ === 1
            ? Promise.reject(new RangeError("Array buffer allocation failed"))
            : onnxEngine.compile(program, options),
      }
      const error = yield* Effect.flip(folder.run({ engine, batchSize: 1 }))
      assert.match(error.message, /^step \d+: memory ran out: Array buffer allocation failed/u)
      assert.match(error.help, /smaller batches/u)
    }))
})

describe("the save interval", () => {
  it.effect("keeps nothing of a training that is over before", () =>
    Effect.gen(function*() {
      yield* folder.run({ interval: { seconds: 300, steps: Infinity } })
      assert.isFalse(existsSync(folder.path("")))
      yield* folder.run({ interval: { seconds: 0, steps: Infinity } })
      assert.isTrue(existsSync(folder.path("training.json")))
    }))
})
