import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

const filesOf = (nodes: number, milliseconds: number): Readonly<Record<string, string>> => ({
  "schemas/values.ts": `import { Schema } from "effect"
export const Values = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "values" })
`,
  "stages/wait/stage.ts": `import { Effect, Schema } from "effect"
import { stage } from "redag"
import { Values } from "../../schemas/values.ts"

export const wait = stage({
  name: "wait",
  params: Schema.Struct({ number: Schema.Int, milliseconds: Schema.Int }),
  inputs: {},
  outputs: { values: Values },
  run: Effect.fnUntraced(function*({ params: { number, milliseconds } }) {
    yield* Effect.sleep(milliseconds)
    return { values: [{ value: number }] }
  }),
})
`,
  "dag.config.ts": `import { experiment } from "redag"
import { wait } from "./stages/wait/stage.ts"

export default experiment({
  defaultProfile: "main",
  profiles: {
    main: (dag) => {
      for (let number = 0; number < ${nodes}; number++) {
        dag.add(wait, { name: String(number), params: { number, milliseconds: ${milliseconds} }, inputs: {} })
      }
    },
  },
})
`,
})

/** Writes a project of so many nodes, all ready at once, each of which waits for some milliseconds. */
export const writeWaiting = (root: string, nodes: number, milliseconds: number): void => {
  for (const [name, text] of Object.entries(filesOf(nodes, milliseconds))) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}
