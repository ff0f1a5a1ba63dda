import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"
import { says, Stub } from "../stages/ask/stub.ts"

const variable = "RIG_ENDPOINT_KEY"
const key = "sk-rig-0123456789abcdef"
const cell = "some-model/cdr/16/seed0"
const profile = ["--profile", "demo"]
const concurrency = 4

describe("a row behind an endpoint", () => {
  let project: Project
  let stub: Stub
  beforeAll(async () => {
    stub = await Stub.start(() => ({ body: says("No relation.") }))
    project = copyOfExperiment()
  })
  afterAll(async () => {
    await project.end()
    project.remove()
    await stub.stop()
  })

  const declare = (temperature: number, more = ""): void =>
    project.write(
      "experiment/rows.yaml",
      `inContext:
  - name: some-model
    profiles: [demo]
    corpora: [cdr]
    setting: "16"
    engine: endpoint
    address: ${stub.address}
    model: some-model
    parameters: { temperature: ${temperature} }
    maxPromptTokens: 4000
    maxNewTokens: 100
    account: ${variable}
    price: { input: 1, output: 2 }
    concurrency: ${concurrency}
${more}`,
    )
  const words = (...more: ReadonlyArray<string>) => ["run", `score/${cell}`, ...profile, ...more]
  const run = (...more: ReadonlyArray<string>) => project.start(words(...more), { [variable]: key })

  it("says how much would be sent before it is, and sends nothing without a yes", async () => {
    declare(0)
    const planned = await project.dag("plan", `score/${cell}`, ...profile)
    assert.match(planned.stdout, /endpoint some-model at http:\/\/127\.0\.0\.1:\d+\/v1: a prompt for each document/u)
    const refused = await run().ended
    assert.strictEqual(refused.code, 1)
    assert.match(refused.stderr, /error: prompts would be sent to .*\n {2}help: use --yes to send them/u)
    assert.deepStrictEqual(stub.seen, [])

    // Once the prompts are made, it is known how many they are.
    const made = await project.dag("run", `prompt/${cell}`, ...profile)
    assert.strictEqual(made.code, 0, made.stderr)
    const again = await project.dag("plan", `score/${cell}`, ...profile)
    assert.match(again.stdout, /v1: 100 prompts, about [\d,]+ tokens, about 0\.\d+ in the currency/u)
    const row = (JSON.parse((await project.dag("plan", `ask/${cell}`, ...profile, "--json")).stdout) as ReadonlyArray<
      {
        readonly node: string
        readonly notice?: { readonly endpoints: ReadonlyArray<{ readonly prompts: number }> }
      }
    >).find(({ notice }) => notice !== undefined)
    assert.deepStrictEqual([row?.node, row?.notice?.endpoints[0]?.prompts], [`ask/${cell}`, 100])
  })

  it("gives a declaration's mistakes by line, and shows no credentials in them", async () => {
    declare(0)
    project.edit("experiment/rows.yaml", `address: ${stub.address}`, "address: https://me:hunter22@example.org/v1")
    const { code, stderr } = await project.dag("plan", ...profile)
    assert.strictEqual(code, 1)
    assert.match(stderr, /experiment\/rows\.yaml:7: inContext\[0\]\.address: .*found "https:\/\/…@example\.org\/v1"/u)
    assert.notInclude(stderr, "hunter22")
  })
})
