import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Behaviour, says, type Seen, Stub } from "./stub.ts"
import { Asking, endpointAt } from "./support.ts"

const stubThat = (behave: (seen: Seen, times: number) => Behaviour) =>
  Effect.acquireRelease(Effect.promise(() => Stub.start(behave)), (stub) => Effect.promise(() => stub.stop()))

const asking = Effect.acquireRelease(Effect.sync(() => new Asking()), (each) => Effect.sync(() => each.remove()))

/** Of a prompt of one byte: as many tokens as it may be at most, and all that may be written. */
const most = 1 + 64 + 50

/** A price by which a token costs 1. */
const price = { input: 1e6, output: 1e6 }

describe("an answer that is paid for", () => {
  it.live("is read whatever it says of tokens: each number that it gives counts, and the most of each that it does not", () =>
    Effect.gen(function*() {
      const usages: ReadonlyArray<readonly [usage: object | null, cost: number]> = [
        [{ prompt_tokens: 4, completion_tokens: 2 }, 6],
        [{ total_tokens: 10 }, most],
        [{}, most],
        [{ prompt_tokens: 4 }, 4 + 50],
        [{ prompt_tokens: null, completion_tokens: 2 }, 65 + 2],
        [{ prompt_tokens: 4, completion_tokens: "2" }, 4 + 50],
        [{ prompt_tokens: -1, completion_tokens: 1.5 }, most],
        [null, most],
      ]
      const [store, stub] = [
        yield* asking,
        yield* stubThat(({ prompt }) => ({ body: says("fine", { usage: usages[Number(prompt)]?.[0] ?? null }) })),
      ]
      const { generations, replies } = yield* store.run(
        endpointAt(stub.address, { price }),
        usages.map((_, index) => String(index)),
      )
      assert.deepStrictEqual([...new Set(generations.map(({ text }) => text))], ["fine"])
      assert.deepStrictEqual(replies.map(({ cost }) => cost), usages.map(([, cost]) => cost))
      assert.strictEqual(stub.seen.length, usages.length)
    }))

  it.live("is read where its words are usage of another shape, or a list of parts", () =>
    Effect.gen(function*() {
      const parts = [{ type: "text", text: "The rel" }, { type: "image" }, "ation", { type: "text", text: 1 }]
      const message = { role: "assistant", content: parts }
      const [store, stub] = [
        yield* asking,
        yield* stubThat(() => ({ body: JSON.stringify({ choices: [{ message }], usage: "10 tokens" }) })),
      ]
      const { generations } = yield* store.run(endpointAt(stub.address), ["a"])
      assert.strictEqual(generations[0]?.text, "The relation")
      assert.strictEqual(stub.seen.length, 1)
    }))

  it.live("is kept where it cannot be read, counted at its most in this run and later ones, and asked for once more alone", () =>
    Effect.gen(function*() {
      let isRight = false
      const [store, stub] = [
        yield* asking,
        yield* stubThat((_, times) => ({ body: isRight ? says("fine") : `{"result": "strange ${times}"}` })),
      ]
      const endpoint = endpointAt(stub.address, { price, maxCost: 10 * most })
      const error = yield* Effect.flip(store.run(endpoint, ["a"]))
      assert.match(error.message, /none of a language model.*strange 2.*\(2 times in a row\) \(document 0\)/u)
      assert.deepInclude(error, { _tag: "StageError", transient: false })
      assert.strictEqual(stub.seen.length, 2)
      for (const words of ["strange 1", "strange 2"]) assert.include(store.everything(), words)

      isRight = true
      const spent = yield* Effect.flip(store.run({ ...endpoint, maxCost: 3 * most - 1 }, ["a"]))
      assert.match(
        spent.message,
        new RegExp(`cost ${2 * most} so far, and one more may cost ${most}:.*1 of the prompts`, "u"),
      )
      assert.strictEqual(stub.seen.length, 2)
      const { generations } = yield* store.run({ ...endpoint, maxCost: 3 * most }, ["a"])
      assert.strictEqual(generations[0]?.text, "fine")
      assert.strictEqual(stub.seen.length, 3)
      assert.deepInclude((yield* store.run(endpoint, ["a"])).counts, { sent: 0, replies: 1 })
    }))

  it.live(
    "counts at its most where it breaks off or does not come in time, and not where the endpoint refuses",
    () =>
      Effect.gen(function*() {
        const soon = { "retry-after": "0" }
        const cases: ReadonlyArray<readonly [bad: Behaviour, isPaid: boolean]> = [
          ["half", true],
          ["held", true],
          [{ status: 500, headers: soon, body: "" }, false],
          ["reset", false],
        ]
        for (const [bad, isPaid] of cases) {
          const [store, stub] = [
            yield* asking,
            yield* stubThat((_, times) => (times === 1 ? bad : { body: says("fine") })),
          ]
          // Only the answer that never comes is to be given up: any other may take as long as the machine makes it take.
          const timeout = bad === "held" ? 1 : 60
          const endpoint = endpointAt(stub.address, { price, maxCost: 2 * most - 1, timeout })
          const attempt = Effect.exit(store.run(endpoint, ["a"]))
          const name = typeof bad === "string" ? bad : String(bad.status)
          assert.strictEqual((yield* attempt)._tag, isPaid ? "Failure" : "Success", name)
          assert.strictEqual(stub.seen.length, isPaid ? 1 : 2, name)
        }
      }),
    60_000,
  )
})
