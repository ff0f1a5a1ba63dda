import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach } from "vitest"
import { onnxEngine } from "../../../models/engines/onnx/engine.ts"
import { StoreError } from "../../../pipeline/base/errors.ts"
import type { Disk } from "../../../pipeline/store/disk.ts"
import type { Counters } from "../../../stages/shared/params/protocol.ts"
import { often } from "../../rig/often.ts"
import { Folder, scripted, type Trained } from "./support.ts"

type Service = Disk["Service"]

/** Another folder with the same in it. */
const copyOf = (folder: Folder): Folder => {
  const copy = new Folder()
  cpSync(folder.root, copy.root, { recursive: true })
  return copy
}

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

/** Fails the way a killed process does: before the change of the disk of that number. */
const killedBefore = (change: number) => {
  let count = 0
  const unlessKilled = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.suspend(() => (count++ < change ? effect : Effect.die("killed")))
  return (disk: Service): Service => ({
    ...disk,
    write: (path, content) => unlessKilled(disk.write(path, content)),
    publish: (temporary, path) => unlessKilled(disk.publish(temporary, path)),
    remove: (path) => unlessKilled(disk.remove(path)),
  })
}

/** Fails the way a killed process does: once the state of that number is saved and the one after it is not begun. */
const killedAfter = (state: number) => {
  let looks = -1
  return (disk: Service): Service => ({
    ...disk,
    publish: (temporary, path) => {
      if (path.endsWith(`state-${state}.json`)) looks = 0
      return disk.publish(temporary, path)
    },
    list: (path) => looks >= 0 && looks++ === 1 ? Effect.die("killed") : disk.list(path),
  })
}

/** Fails at the state of that number, counted from 1, as where the disk is full. */
const fullAt = (state: number) => (disk: Service): Service => ({
  ...disk,
  publish: (temporary, path) =>
    path.endsWith(`state-${state}.json`)
      ? Effect.fail(new StoreError({ path, message: "cannot be written: the disk is full", help: "free some" }))
      : disk.publish(temporary, path),
})

/** The numbers of the saved states in a folder, in their order. */
const states = (own: Folder): ReadonlyArray<number> =>
  own.files().flatMap((name) => /^state-(\d+)\.json$/u.exec(name)?.[1] ?? []).map(Number).toSorted((a, b) => a - b)

/** The names of the files that make up a saved state. */
const filesOf = (own: Folder, state: number): ReadonlyArray<string> => {
  const name = `state-${state}.json`
  return [name, ...readFileSync(own.path(name), "utf8").matchAll(/"digest":"([0-9a-f]{64})"/gu)].map((each) =>
    typeof each === "string" ? each : each[1] ?? ""
  )
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
      const killed = yield* Effect.exit(own.run(options("pooled"), killedAfter(6)))
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
  it.effect("ends in the same bytes, whichever change of the disk was the last", () =>
    Effect.gen(function*() {
      const options = () => ({ script: scripted([0.5, 0.3]), duration: { maxSteps: 6 } })
      const whole = made(yield* folder.run(options()))
      const repeated: Array<number> = []
      // Until the training is over before so many changes.
      for (let change = 0, over = false; !over; change += often(9, 1)) {
        const own = new Folder()
        const first = yield* Effect.exit(own.run(options(), killedBefore(change)))
        over = Exit.isSuccess(first)
        const second = yield* own.run(options())
        assert.deepStrictEqual(made(second), whole, `change ${change}`)
        repeated.push(second.counts["steps of an earlier run"] ?? 0)
        // Three states and no more: each has a file of its own, a history, arrays and perhaps the best weights.
        assert.isAtMost(own.files().length, 12)
        own.remove()
      }
      // Later and later kills find more and more steps made.
      assert.deepStrictEqual([...new Set(repeated)], [0, 2, 4, 6])
    }))

  it.effect("removes what belongs to no state, which a kill may leave", () =>
    Effect.gen(function*() {
      yield* Effect.exit(folder.run({}, killedAfter(2)))
      writeFileSync(folder.path("0".repeat(64)), "left over")
      yield* Effect.exit(folder.run({}, killedAfter(4)))
      assert.deepStrictEqual(states(folder), [3, 4])
      assert.sameMembers([...folder.files()], [...new Set([3, 4].flatMap((state) => filesOf(folder, state)))])
    }))

  it.effect("row 1: takes no state in which a bit is another: it goes on from the one before, or begins again", () =>
    Effect.gen(function*() {
      const options = () => ({ script: scripted([0.6, 0.3, 0.4]) })
      const whole = made(yield* new Folder().run(options()))
      const found: Record<string, number> = {}
      // At the fifth of six states, each of two steps, training stands after an evaluation whose weights were the best.
      for (const [last, before] of [[5, 4], [2, 1]] as const) {
        const pristine = new Folder()
        yield* Effect.exit(pristine.run(options(), killedAfter(last)))
        assert.deepStrictEqual(states(pristine), [before, last])
        const reached = (yield* copyOf(pristine).run(options())).counts["steps of an earlier run"]
        for (const name of pristine.files()) {
          const bytes = readFileSync(pristine.path(name))
          const inLast = filesOf(pristine, last).includes(name)
          const inBefore = filesOf(pristine, before).includes(name)
          for (let flips = 0; flips < (name.startsWith("state") ? often(1, 3) : 1); flips++) {
            const own = copyOf(pristine)
            const bit = Math.floor(Math.random() * bytes.length * 8)
            const flipped = Buffer.from(bytes)
            flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3)
            writeFileSync(own.path(name), flipped)
            const again = yield* own.run(options())
            const where = `bit ${bit} of ${name}`
            assert.deepStrictEqual(made(again), whole, where)
            const steps = again.counts["steps of an earlier run"] ?? 0
            if (!inLast) assert.strictEqual(steps, reached, where)
            else if (inBefore) assert.strictEqual(steps, 0, where)
            else assert.isTrue(steps > 0 && steps <= (reached ?? 0), where)
            const kind = !inLast ? "of the one before" : inBefore ? "of both" : "of the last"
            found[kind] = (found[kind] ?? 0) + 1
            own.remove()
          }
        }
        pristine.remove()
      }
      assert.hasAllKeys(found, ["of the one before", "of the last", "of both"])
    }))

  it.effect("begins again where what was saved is of another engine, is cut short or is gone", () =>
    Effect.gen(function*() {
      const whole = made(yield* new Folder().run())
      const spoil: ReadonlyArray<(own: Folder, name: string) => void> = [
        (own, name) => truncateSync(own.path(name), statSync(own.path(name)).size - 1),
        (own, name) => rmSync(own.path(name)),
        (own, name) => writeFileSync(own.path(name), ""),
      ]
      for (const change of spoil) {
        const own = new Folder()
        yield* Effect.exit(own.run({}, killedAfter(2)))
        for (const name of own.files()) if (name.startsWith("state")) change(own, name)
        const again = yield* own.run()
        assert.isUndefined(again.counts["steps of an earlier run"])
        assert.deepStrictEqual(made(again), whole)
        own.remove()
      }
      yield* Effect.exit(folder.run({ engine: { ...onnxEngine, name: "another" } }, fullAt(3)))
      const again = yield* folder.run()
      assert.isUndefined(again.counts["steps of an earlier run"])
      assert.deepStrictEqual(made(again), whole)
    }))
})

describe("row 12: a training that is stopped", () => {
  it.effect("saves the step that it has made, goes on from it, and makes the same", () =>
    Effect.gen(function*() {
      const options = () => ({ script: scripted([0.2, 0.5, 0.3]), interval: { seconds: Infinity, steps: Infinity } })
      const whole = made(yield* new Folder().run(options()))
      for (let turns = 1; turns < 60; turns += often(20, 9)) {
        const own = new Folder()
        let steps = 0
        const fiber = yield* Effect.forkChild(own.run({
          ...options(),
          // Whatever the engine has finished when the training is stopped counts.
          engine: {
            ...onnxEngine,
            compile: async (program, compiled) => {
              const graph = await onnxEngine.compile(program, compiled)
              return {
                ...graph,
                run: async (...feeds) => {
                  steps++
                  return graph.run(...feeds)
                },
              }
            },
          },
        }))
        for (let turn = 0; turn < turns; turn++) yield* Effect.promise(() => new Promise((done) => setImmediate(done)))
        yield* Fiber.interrupt(fiber)
        const again = yield* own.run(options())
        assert.deepStrictEqual(made(again), whole)
        const saved = again.counts["steps of an earlier run"] ?? 0
        // All but the one that was running.
        assert.isAtLeast(saved, Math.min(steps, 12) - 1)
        own.remove()
      }
    }))
})

describe("what a training shows while it is at work", () => {
  it.effect("is in the end what it made, also where it went on from an earlier execution", () =>
    Effect.gen(function*() {
      const options = () => ({ script: scripted([0.2, 0.5, 0.3]) })
      const whole = yield* new Folder().run(options())
      assert.lengthOf(whole.history.steps, 12)
      yield* Effect.exit(folder.run(options(), killedAfter(3)))
      const again = yield* folder.run(options())
      assert.isAbove(again.counts["steps of an earlier run"] ?? 0, 0)
      for (const { shown, history: { steps }, evaluations } of [whole, again]) {
        assert.deepStrictEqual(shown, { training: steps, evaluations })
      }
    }))
})

describe("a training that cannot go on", () => {
  it.effect("because the disk is full, says at which step, and leaves what was saved", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(folder.run({}, fullAt(3)))
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
      assert.isFalse(existsSync(folder.path()))
      yield* folder.run({ interval: { seconds: 0, steps: Infinity } })
      assert.isTrue(existsSync(folder.path()))
    }))
})
