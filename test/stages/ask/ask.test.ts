import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Endpoint } from "../../../stages/ask/endpoint.ts"
import { type Behaviour, says, type Seen, Stub } from "./stub.ts"
import { Asking, endpointAt } from "./support.ts"

const stubThat = (behave: (seen: Seen, times: number) => Behaviour) =>
  Effect.acquireRelease(Effect.promise(() => Stub.start(behave)), (stub) => Effect.promise(() => stub.stop()))

const asking = Effect.acquireRelease(Effect.sync(() => new Asking()), (each) => Effect.sync(() => each.remove()))

const prompts = (count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, index) => `prompt ${index}`)

const echo = ({ prompt }: Seen): Behaviour => ({ body: says(`to ${prompt}`) })

/** The server asks to be tried again at once, so that no test waits. */
const soon = { "retry-after": "0" }

describe("asking an endpoint", () => {
  it.live("sends each prompt once, whatever the action, and keeps answer, tokens and cost by document", () =>
    Effect.gen(function*() {
      const [stub, store] = [yield* stubThat(echo), yield* asking]
      const endpoint = endpointAt(stub.address, { price: { input: 2, output: 10 }, system: "You read." })
      const { generations, replies, counts } = yield* store.run(endpoint, ["α – “β”\n\u2028", "b", "b"])
      assert.deepStrictEqual(generations.map(({ text }) => text), ["to α – “β”\n\u2028", "to b", "to b"])
      assert.strictEqual(stub.seen.length, 2)
      assert.deepStrictEqual(stub.seen[0]?.body, {
        model: "some-model",
        messages: [{ role: "system", content: "You read." }, { role: "user", content: stub.seen[0]?.prompt }],
        max_tokens: 50,
        temperature: 0,
      })
      assert.deepInclude(replies[1], { promptTokens: 100, outputTokens: 10, finishReason: "stop", cost: 3e-4 })
      assert.deepInclude(counts, { sent: 2, replies: 2, "prompt tokens": 200 })

      // Other limits, prices and documents make another action, of which nothing is asked again but what is new.
      const other = { ...endpoint, price: { input: 4, output: 20 }, concurrency: 1, timeout: 9, maxCost: 100 }
      const again = yield* store.run(other, ["b", "c"])
      assert.strictEqual(stub.seen.length, 3)
      assert.deepInclude(again.replies[0], { text: "to b", cost: 6e-4 })
      assert.deepInclude(again.counts, { sent: 1, replies: 2 })

      // What the answer depends on is asked again: parameters, system message, model, shots.
      yield* store.run({ ...endpoint, parameters: { temperature: 1 } }, ["b"])
      yield* store.run({ ...endpoint, model: "another" }, ["b"])
      yield* store.run({ ...endpoint, system: null }, ["b"])
      yield* store.run({ ...endpoint, maxNewTokens: 51 }, ["b"])
      yield* store.run(endpoint, ["a shot\n\nb"])
      assert.strictEqual(stub.seen.length, 8)
      yield* store.run({ ...endpoint, address: `${endpoint.address}/` }, ["b"])
      assert.strictEqual(stub.seen.length, 8)
    }))

  it.live("repeats little of an answer that is none, however deep it is nested", () =>
    Effect.gen(function*() {
      const [store, stub] = [
        yield* asking,
        yield* stubThat(({ prompt }, times) =>
          times === 1 ? { body: `{"choices":${"[".repeat(200_000)}` } : { body: says(`to ${prompt}`) }
        ),
      ]
      const { generations, notes } = yield* store.run(endpointAt(stub.address), ["a"])
      assert.strictEqual(generations[0]?.text, "to a")
      assert.isTrue(notes.some((note) => note.includes("{\"choices\":[[[")))
      for (const note of notes) assert.isBelow(note.length, 250)
    }))

  it.live("takes an answer that was cut within an emoji, and asks for none again", () =>
    Effect.gen(function*() {
      const [store, stub] = [
        yield* asking,
        yield* stubThat(() => ({
          body: "{\"choices\":[{\"message\":{\"content\":\"x \\ud83d\"},\"finish_reason\":\"\\udc00\"}]}",
        })),
      ]
      for (const sent of [1, 0]) {
        const { generations, replies, counts } = yield* store.run(endpointAt(stub.address), ["a"])
        assert.strictEqual(generations[0]?.text, "x \uFFFD")
        assert.deepInclude(replies[0], { text: "x \uFFFD", finishReason: "\uFFFD" })
        assert.strictEqual(counts["sent"], sent)
      }
      assert.strictEqual(stub.seen.length, 1)
    }))

  it.live("asks for completions by the other interface, and needs no words on tokens", () =>
    Effect.gen(function*() {
      const store = yield* asking
      const stub = yield* stubThat(() => ({
        body: JSON.stringify({ choices: [{ text: " yes", finish_reason: null }] }),
      }))
      const endpoint = endpointAt(stub.address, { api: "completions", price: { input: 1, output: 1 } })
      const { generations, replies } = yield* store.run(endpoint, ["a"])
      assert.strictEqual(stub.seen[0]?.path, "/v1/completions")
      assert.deepInclude(generations[0], { text: " yes", finished: true, tokens: 0 })
      assert.deepInclude(replies[0], { promptTokens: null, outputTokens: null })
      // As much as it may have cost at most: a token for each byte of the prompt, and all that may be written.
      assert.strictEqual(replies[0]?.cost, (1 + 64 + 50) / 1e6)
    }))

  it.live(
    "tries again what may pass: 429, 5xx, a connection that breaks, half an answer, none of a model",
    () =>
      Effect.gen(function*() {
        const bad: ReadonlyArray<Behaviour> = [
          { status: 429, headers: soon, body: "{\"error\": {\"message\": \"slow down\"}}" },
          { status: 500, headers: soon, body: "oh" },
          "reset",
          "half",
          { body: "{\"choices\": [{\"message\"" },
          { body: "{\"choices\": []}" },
          { status: 408, headers: soon, body: "" },
          { status: 409, headers: soon, body: "" },
        ]
        const [store, stub] = [
          yield* asking,
          yield* stubThat((seen, times) => (times === 1 ? bad[Number(seen.prompt)] : undefined) ?? echo(seen)),
        ]
        const { generations, notes } = yield* store.run(endpointAt(stub.address), bad.map((_, index) => String(index)))
        assert.deepStrictEqual(generations.map(({ text }) => text), bad.map((_, index) => `to ${index}`))
        assert.deepStrictEqual([...new Set(stub.times().values())], [2])
        assert.include(notes.join("\n"), "the endpoint answers 429: slow down; tries again in 1 s")
      }),
    120_000,
  )

  it.live("waits as long as an endpoint asks for, and lets nothing else go meanwhile", () =>
    Effect.gen(function*() {
      let asked: number | undefined
      let early = 0
      const [store, stub] = [
        yield* asking,
        yield* stubThat((seen, times) => {
          if (asked !== undefined && performance.now() < asked + 1500) early++
          if (seen.prompt !== "prompt 0" || times > 1) return echo(seen)
          asked = performance.now()
          return { status: 429, headers: { "retry-after": "2" }, body: "" }
        }),
      ]
      yield* store.run(endpointAt(stub.address, { concurrency: 1 }), prompts(3))
      assert.strictEqual(early, 0)
      assert.deepStrictEqual([...stub.times().values()], [2, 1, 1])
    }), 60_000)

  it.live("gives up what will not pass, tells the document, keeps what is under way, and goes on from there", () =>
    Effect.gen(function*() {
      let isRefused = true
      const [store, stub] = [
        yield* asking,
        yield* stubThat((seen) =>
          seen.prompt === "prompt 2" && isRefused
            ? { status: 400, body: "{\"error\": {\"message\": \"maximum context length\\nis 10\"}}" }
            : echo(seen)
        ),
      ]
      const endpoint = endpointAt(stub.address, { concurrency: 1 })
      const error = yield* Effect.flip(store.run(endpoint, prompts(5)))
      assert.deepInclude(error, {
        _tag: "StageError",
        message: "the endpoint answers 400: maximum context length is 10 (document 2)",
        transient: false,
      })
      assert.strictEqual(stub.seen.length, 3)
      isRefused = false
      const { counts } = yield* store.run(endpoint, prompts(5))
      assert.deepInclude(counts, { sent: 3, replies: 5 })
      assert.deepStrictEqual([...stub.times().values()], [1, 1, 2, 1, 1])
    }))

  it.live("says where a model was cut, refused, or was not asked since the prompt is too long", () =>
    Effect.gen(function*() {
      const [store, stub] = [
        yield* asking,
        yield* stubThat(({ prompt }) => ({
          body: prompt === "cut" ? says("The rel", { finish: "length" }) : says(null, { finish: "content_filter" }),
        })),
      ]
      const { generations, replies, warnings } = yield* store.run(
        endpointAt(stub.address),
        ["cut", "refused", "long"],
        ["long"],
      )
      assert.deepStrictEqual(
        generations.map(({ text, finished, sourceTruncated }) => [text, finished, sourceTruncated]),
        [["The rel", false, false], ["", false, false], ["", true, true]],
      )
      assert.strictEqual(replies.length, 2)
      assert.strictEqual(stub.seen.length, 2)
      assert.match(warnings[0] ?? "", /too long, and was not sent.*: 2$/u)
    }))

  it.live("stops before it spends more than it may, counts what was spent before, and goes on with a larger budget", () =>
    Effect.gen(function*() {
      const [store, stub] = [yield* asking, yield* stubThat(echo)]
      // 100 tokens and 10 that are written cost 0.12; 8 + 64 and 50, the most that there can be, cost 0.172.
      const endpoint = endpointAt(stub.address, { price: { input: 1000, output: 2000 }, maxCost: 1, concurrency: 3 })
      const error = yield* Effect.flip(store.run(endpoint, prompts(10)))
      assert.match(error.message, /cost 0\.84 so far, and one more may cost 0\.172: more than the maxCost of 1; 3 of/u)
      assert.match(error.help, /raise maxCost/u)
      const spent = stub.seen.length
      yield* Effect.flip(store.run(endpoint, prompts(10)))
      assert.strictEqual(stub.seen.length, spent)
      const { counts } = yield* store.run({ ...endpoint, maxCost: 2 }, prompts(10))
      assert.strictEqual(counts["sent"], 10 - spent)
      assert.strictEqual(stub.seen.length, 10)
    }))

  it.live("has no more requests under way than it may", () =>
    Effect.gen(function*() {
      const [store, stub] = [yield* asking, yield* stubThat(echo)]
      yield* store.run(endpointAt(stub.address, { concurrency: 3 }), prompts(20))
      assert.isAtMost(stub.most, 3)
      assert.strictEqual(stub.answered.length, 20)
    }))

  it.live("gives up an answer that does not come in time, and asks again", () =>
    Effect.gen(function*() {
      const [store, stub] = [yield* asking, yield* stubThat((seen, times) => (times === 1 ? "held" : echo(seen)))]
      const { generations, notes } = yield* store.run(endpointAt(stub.address, { timeout: 1 }), ["a"])
      assert.strictEqual(generations[0]?.text, "to a")
      assert.match(notes[0] ?? "", /^no answer came within 1 seconds; tries again/u)
    }))

  it.live("sends a prompt of several actions at the same time once, also where they write the address otherwise", () =>
    Effect.gen(function*() {
      const [store, stub] = [yield* asking, yield* stubThat(echo)]
      const endpoint = endpointAt(stub.address)
      const made = yield* Effect.all([
        store.run(endpoint, prompts(10)),
        store.run({ ...endpoint, concurrency: 2 }, prompts(10)),
        store.run({ ...endpoint, address: `${endpoint.address.replace("http", "HTTP")}/` }, prompts(10)),
      ], { concurrency: 3 })
      assert.deepStrictEqual(made[0].replies, made[1].replies)
      assert.deepStrictEqual(made[0].replies, made[2].replies)
      assert.strictEqual(stub.seen.length, 10)
    }))
})

describe("an endpoint's declaration", () => {
  const decode = Schema.decodeUnknownExit(Endpoint)
  const refused = (own: object): string => {
    const exit = decode({ ...endpointAt("https://api.example.org/v1"), ...own })
    return Exit.isSuccess(exit) ? "" : String(exit.cause)
  }

  it("holds no key, and nothing that a request says by itself", () => {
    assert.strictEqual(refused({}), "")
    for (
      const address of ["https://me:hunter22@example.org/v1", "https://example.org/v1?key=hunter22", "ftp://hunter22"]
    ) {
      const message = refused({ address })
      assert.match(message, /without user name, password, query and fragment/u)
      assert.notInclude(message, "hunter22")
    }
    assert.match(refused({ parameters: { stream: true } }), /no parameter that has a field of its own/u)
    for (const name of ["api_key", "apiKey", "X-Api-Key", "Authorization", "token", "key", "password"]) {
      for (const parameters of [{ [name]: "hunter22" }, { extra: [{ [name]: "hunter22" }] }]) {
        const message = refused({ parameters })
        assert.match(message, /no parameter that is called as a key of an account is/u, name)
        assert.notInclude(message, "hunter22")
      }
    }
    assert.strictEqual(refused({ parameters: { logit_bias: { 1: 2 }, top_p: 1, max_token_count: 1 } }), "")
    assert.match(refused({ maxCost: 1 }), /a price beside maxCost/u)
  })
})
