import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { endpointNotice } from "../../experiment/endpoint-notice.ts"
import type { Endpoint } from "../../stages/ask/endpoint.ts"
import { requestOf } from "../../stages/ask/request.ts"
import { says } from "../stages/ask/stub.ts"
import { endpointAt } from "../stages/ask/support.ts"

/** Ten prompts of 100 tokens. */
const documents = Array.from({ length: 10 }, (_, index) => `d${index}`)
const rows: Readonly<Record<string, ReadonlyArray<object>>> = {
  examples: documents.map((document) => ({
    document,
    partition: "test",
    source: `prompt of ${document}`,
    target: "",
    answers: [],
  })),
  prompts: documents.map((document) => ({ document, shots: 1, leftOut: 0, tokens: 100, fits: true })),
}

const endpoint = (more: Partial<Endpoint> = {}): Endpoint =>
  endpointAt("https://api.example.org/v1", { price: { input: 1e6, output: 1e6 }, maxNewTokens: 50, ...more })

/** What is said where the store has these replies to requests. */
const said = (endpoints: ReadonlyArray<Endpoint>, replies: ReadonlyMap<string, string> = new Map()) =>
  Effect.runSync(endpointNotice.of({
    nodes: endpoints.map((each) => ({
      params: { endpoint: each },
      resources: { memory: 512 },
      rows: 10,
      rowsOf: (role) => Effect.succeed(rows[role]),
    })),
    findings: new Map(),
    replies: { find: (request) => Effect.succeed(replies.get(request)) },
  }))

const replyTo = (asked: Endpoint, document: string, body: string): readonly [string, string] => [
  requestOf(asked, `prompt of ${document}`).digest,
  body,
]

describe("what is said before prompts are sent", () => {
  it("counts the system message of each request, and what a chat puts around it", () => {
    const place = { endpoint: "some-model at https://api.example.org/v1", prompts: 10, kept: 0 }
    assert.deepInclude(said([endpoint()]).facts["endpoints"], {
      ...place,
      promptTokens: 1000 + 10 * 64,
      cost: 1000 + 10 * (64 + 50),
      most: undefined,
    })
    const system = "s".repeat(2000)
    assert.deepInclude(said([endpoint({ system })]).facts["endpoints"], {
      ...place,
      promptTokens: 1000 + 10 * 2064,
      cost: 1000 + 10 * (2064 + 50),
      most: undefined,
    })
    assert.include(
      said([endpoint({ system })]).lines[0] ?? "",
      ": 10 prompts, about 21,640 tokens, about 22,100 in the currency of the prices",
    )
  })

  it("counts no prompt that has an answer, none twice, and asks for nothing where all have one", () => {
    const asked = endpoint()
    const three = new Map(documents.slice(0, 3).map((document) => replyTo(asked, document, says("nothing"))))
    const some = said([asked], three)
    assert.include(some.lines[0] ?? "", ": 7 prompts, 3 more have an answer, about 1,148 tokens")
    assert.isDefined(some.asks)
    // Another row that asks the same sends nothing of its own.
    assert.include(said([asked, asked], three).lines[0] ?? "", ": 7 prompts")
    // What came and was no answer of a model is asked for again.
    const broken = new Map([replyTo(asked, "d0", "<html>"), replyTo(asked, "d1", says("nothing"))])
    assert.include(said([asked], broken).lines[0] ?? "", ": 9 prompts, 1 more has an answer")
    const all = said([asked], new Map(documents.map((document) => replyTo(asked, document, says("nothing")))))
    assert.include(all.lines[0] ?? "", ": 0 prompts, 10 more have an answer, about 0 tokens")
    assert.isUndefined(all.asks)
  })

  it("says the most that all nodes may still cost, each its own maxCost without what its answers cost", () => {
    const asked = endpoint({ maxCost: 500 })
    const answer = new Map([replyTo(asked, "d0", says("nothing"))])
    assert.include(
      said([asked]).lines[0] ?? "",
      "about 500 in the currency of the prices, never more than 500, by maxCost",
    )
    const spent = (said([asked], answer).facts["endpoints"] as ReadonlyArray<{ readonly most: number }>)[0]?.most ?? 0
    assert.isBelow(spent, 500)
    const other = endpoint({ maxCost: 300, parameters: { seed: 1 } })
    assert.include(said([asked, other]).lines[0] ?? "", "never more than 800, by maxCost")
  })
})
