import { assert, describe, it } from "vitest"
import { says } from "../stages/ask/stub.ts"
import { cell, profile, rowBehindEndpoint } from "./endpoint.ts"

describe("a row behind an endpoint", () => {
  const row = rowBehindEndpoint(() => ({ body: says("No relation.") }))
  const { declare, run } = row

  it("says how much would be sent before it is, and sends nothing without a yes", async () => {
    declare(0)
    const planned = await row.project.dag("plan", `score/${cell}`, ...profile)
    assert.match(planned.stdout, /endpoint some-model at http:\/\/127\.0\.0\.1:\d+\/v1: a prompt for each document/u)
    const refused = await run().ended
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /error: prompts would be sent to .*\n {2}help: use --yes to send them/u)
    assert.deepStrictEqual(row.stub.seen, [])

    // Once the prompts are made, it is known how many they are.
    const made = await row.project.dag("run", `prompt/${cell}`, ...profile)
    assert.strictEqual(made.code, 0, made.stderr)
    const again = await row.project.dag("plan", `score/${cell}`, ...profile)
    assert.match(again.stdout, /v1: 100 prompts, about [\d,]+ tokens, about 0\.\d+ in the currency/u)
    const next =
      (JSON.parse((await row.project.dag("plan", `ask/${cell}`, ...profile, "--json")).stdout) as ReadonlyArray<
        {
          readonly node: string
          readonly notice?: { readonly endpoints: ReadonlyArray<{ readonly prompts: number }> }
        }
      >).find(({ notice }) => notice !== undefined)
    assert.deepStrictEqual([next?.node, next?.notice?.endpoints[0]?.prompts], [`ask/${cell}`, 100])
  })

  it("gives a declaration's mistakes by line, and shows no credentials in them", async () => {
    declare(0)
    row.project.edit(
      "experiment/rows.yaml",
      `address: ${row.stub.address}`,
      "address: https://me:hunter22@example.org/v1",
    )
    const { code, stderr } = await row.project.dag("plan", ...profile)
    assert.strictEqual(code, 1)
    assert.match(stderr, /experiment\/rows\.yaml:7: inContext\[0\]\.address: .*found "https:\/\/…@example\.org\/v1"/u)
    assert.notInclude(stderr, "hunter22")
  })
})
