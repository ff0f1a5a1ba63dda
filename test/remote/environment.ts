import { afterAll, beforeAll } from "vitest"
import type { Variables } from "../rig/project.ts"

/** Sets variables of this process while the tests of a `describe` run. They are asked for once its servers have started. */
export const environmentOfTests = (variables: () => Variables): void => {
  let leave = (): void => undefined
  beforeAll(() => {
    leave = inEnvironment(variables())
  })
  afterAll(() => leave())
}

/** Sets variables of this process, as what reaches a server reads them; gives what sets them back. */
export const inEnvironment = (variables: Variables): () => void => {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const)
  for (const [name, value] of Object.entries(variables)) set(name, value)
  return () => {
    for (const [name, value] of before) set(name, value)
  }
}

const set = (name: string, value: string | undefined): void => {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}
