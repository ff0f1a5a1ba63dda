import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterEach, beforeEach } from "vitest"
import { accountOf } from "../../../stages/ask/account.ts"
import { withoutKeyIn } from "../../../stages/ask/answer.ts"
import { type Behaviour, says, type Seen, Stub } from "./stub.ts"
import { Asking, endpointAt } from "./support.ts"

const variable = "REDAG_TEST_ACCOUNT"
const key = "sk-very/secret+\"0123456789"

const stubThat = (behave: (seen: Seen, times: number) => Behaviour) =>
  Effect.acquireRelease(Effect.promise(() => Stub.start(behave)), (stub) => Effect.promise(() => stub.stop()))

const asking = Effect.acquireRelease(Effect.sync(() => new Asking()), (each) => Effect.sync(() => each.remove()))

/** As it is, and as JSON, addresses and base64 write it. */
const forms = [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key), Buffer.from(key).toString("base64")]

const assertNoKey = (text: string): void => {
  for (const form of forms) assert.notInclude(text, form)
  assert.notInclude(text, "0123456789")
}

describe("the key of an account", () => {
  beforeEach(() => {
    process.env[variable] = key
  })
  afterEach(() => {
    delete process.env[variable]
  })

  it.live("is sent to the endpoint, and is nowhere else, also where the endpoint echoes it", () =>
    Effect.gen(function*() {
      const [store, stub] = [
        yield* asking,
        yield* stubThat(({ prompt, authorization = "" }, times) => {
          if (prompt === "fails" && times === 1) {
            return {
              status: 503,
              headers: { "retry-after": "0" },
              body: JSON.stringify({ error: { message: `${"x".repeat(100)} ${authorization}` } }),
            }
          }
          const escaped = says("KEY").replace(
            "KEY",
            () => Array.from(key, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
          )
          return { body: prompt === "escaped" ? escaped : says(`You are ${forms.join(" and ")}.`) }
        }),
      ]
      const { generations, replies, notes, counts } = yield* store.run(
        endpointAt(stub.address, { account: variable }),
        ["plain", "escaped", "fails"],
      )
      assert.deepStrictEqual([...new Set(stub.seen.map(({ authorization }) => authorization))], [`Bearer ${key}`])
      assert.deepStrictEqual(generations.map(({ text }) => text), [
        "You are [key] and [key] and [key] and [key].",
        "[key]",
        "You are [key] and [key] and [key] and [key].",
      ])
      assertNoKey(JSON.stringify({ generations, replies, notes, counts }))
      assertNoKey(store.everything())
      assert.include(store.everything(), "[key]")
    }))

  it("is struck out of anything that it is written in, however deep that is nested", () => {
    const { withoutKey } = accountOf(variable, "https://api.example.org/v1")
    const echoes = [
      ...forms,
      key.toUpperCase(),
      ...["Bearer ", "x:", ":", "ab:"].flatMap((before) => {
        const bytes = Buffer.from(`${before}${key}`)
        return [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")]
      }),
      Buffer.from(key).toString("hex").toUpperCase(),
      `a${Buffer.from(key).toString("hex")}`,
    ]
    for (const echo of echoes) {
      assert.strictEqual(withoutKey(`You sent (${echo}).`).replace(/a?\[key\]/u, "[key]"), "You sent ([key]).", echo)
    }
    const harmless = "deadbeef0123456789abcdef ".repeat(9)
      + Buffer.from("some other words of some length").toString("base64")
    assert.strictEqual(withoutKey(harmless), harmless)

    const deep = "[".repeat(200_000)
    const escaped = Array.from(key, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
    const quotes = "\"\\\"".repeat(100_000)
    assert.strictEqual(withoutKeyIn(`${deep}"${escaped}"${quotes}`, withoutKey), `${deep}"[key]"${quotes}`)
  })

  it.live("is struck out of what an endpoint says that refuses", () =>
    Effect.gen(function*() {
      const store = yield* asking
      for (const status of [400, 401, 403, 404]) {
        const stub = yield* stubThat(({ authorization = "" }) => ({ status, body: `no such key: ${authorization}` }))
        const error = yield* Effect.flip(store.run(endpointAt(stub.address, { account: variable }), ["a"]))
        assert.include(error.message, "no such key: Bearer [key]")
        assertNoKey(JSON.stringify(error))
      }
      assertNoKey(store.everything())
    }))

  it.live("is wanted only where something is asked, and never sent on to where an answer leads", () =>
    Effect.gen(function*() {
      const [store, other] = [yield* asking, yield* stubThat(() => ({ body: says("stolen") }))]
      const stub = yield* stubThat(({ prompt }) =>
        prompt === "leads"
          ? { status: 307, headers: { location: `${other.address}/chat/completions` }, body: "" }
          : { body: says("fine") }
      )
      const endpoint = endpointAt(stub.address, { account: variable })
      yield* store.run(endpoint, ["a"])
      const error = yield* Effect.flip(store.run(endpoint, ["leads"]))
      assert.match(error.message, /answers 307, which leads to another address/u)
      assert.deepStrictEqual(other.seen, [])
      delete process.env[variable]
      const { counts } = yield* store.run(endpoint, ["a"])
      assert.deepInclude(counts, { replies: 1, sent: 0 })
      const missing = yield* Effect.flip(store.run(endpoint, ["b"]))
      assert.deepInclude(missing, { _tag: "InputError", field: variable })
      assert.match(missing.message, /is not set/u)
    }))

  it("is refused without being named where it is none, or would be sent unencrypted", () => {
    const refusal = (value: string, address = "https://api.example.org/v1"): string => {
      process.env[variable] = value
      try {
        accountOf(variable, address)
        return ""
      } catch (error) {
        return JSON.stringify(error)
      }
    }
    assert.strictEqual(refusal(key), "")
    assert.strictEqual(refusal(key, "http://localhost:8000/v1"), "")
    assert.strictEqual(refusal(key, "http://[::1]:8000/v1"), "")
    assert.match(refusal("sk-two\nsk-lines"), /does not hold a key/u)
    assert.notMatch(refusal("sk-two\nsk-lines"), /sk-/u)
    assert.match(refusal("short"), /does not hold a key/u)
    const unencrypted = refusal(key, "http://api.example.org/v1")
    assert.match(unencrypted, /unencrypted/u)
    assertNoKey(unencrypted)
  })
})
