import { afterAll, beforeAll } from "vitest"
import { copyOfExperiment } from "../rig/experiment.ts"
import type { Project, Running } from "../rig/project.ts"
import { type Behaviour, type Seen, Stub } from "../stages/ask/stub.ts"

/** The variable that has the key of the account, and the key. */
const variable = "RIG_ENDPOINT_KEY"
export const key = "sk-rig-0123456789abcdef"
/** The row's cell, the profile that it is in, and how many requests it has on their way at a time. */
export const cell = "some-model/cdr/16/seed0"
export const profile = ["--profile", "demo"]
export const concurrency = 4

/** A row behind an endpoint, both there while the tests of a `describe` run. */
export interface RowBehindEndpoint {
  readonly project: Project
  readonly stub: Stub
  /** Declares the row, with more lines of YAML behind it. */
  readonly declare: (temperature: number, more?: string) => void
  /** Runs the cell, with the key in the environment. */
  readonly run: (...more: ReadonlyArray<string>) => Running
}

/** Starts an endpoint that answers as `behave` says, and copies the experiment, for the tests of a `describe`. */
export const rowBehindEndpoint = (behave: (seen: Seen, times: number) => Behaviour): RowBehindEndpoint => {
  let made: { readonly project: Project; readonly stub: Stub } | undefined
  beforeAll(async () => {
    made = { stub: await Stub.start(behave), project: copyOfExperiment() }
  })
  afterAll(async () => {
    await made?.project.end()
    made?.project.remove()
    await made?.stub.stop()
  })
  const there = () => {
    if (made === undefined) throw new Error("the endpoint is there while the tests run")
    return made
  }
  return {
    get project() {
      return there().project
    },
    get stub() {
      return there().stub
    },
    declare: (temperature, more = "") =>
      there().project.write(
        "experiment/rows.yaml",
        `inContext:
  - name: some-model
    profiles: [demo]
    corpora: [cdr]
    setting: "16"
    engine: endpoint
    address: ${there().stub.address}
    model: some-model
    parameters: { temperature: ${temperature} }
    maxPromptTokens: 4000
    maxNewTokens: 100
    account: ${variable}
    price: { input: 1, output: 2 }
    concurrency: ${concurrency}
${more}`,
      ),
    run: (...more) => there().project.start(["run", `score/${cell}`, ...profile, ...more], { [variable]: key }),
  }
}
