import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

/** How many nodes the generated project has. */
export const nodes = 1400

const files = {
  "schemas/values.ts": `import { Schema } from "effect"
export const Values = Schema.Struct({ value: Schema.Int }).annotate({ identifier: "values" })
`,
  "stages/step/stage.ts": `import { Effect, Schema } from "effect"
import { many, stage } from "redag"
import { Values } from "../../schemas/values.ts"

export const step = stage({
  name: "step",
  params: Schema.Struct({ by: Schema.Int }),
  inputs: { from: many(Values) },
  outputs: { values: Values },
  run: Effect.fnUntraced(function*({ params, inputs }) {
    const rows = yield* Effect.forEach(inputs.from, (table) => table.rows)
    return { values: [{ value: rows.flat().reduce((sum, { value }) => sum + value, params.by) }] }
  }),
})
`,
  // 13 chains of 50 nodes, 699 nodes that take from the first alone, and 50 that take from 14 of those.
  "dag.config.ts": `import { experiment } from "redag"
import { step } from "./stages/step/stage.ts"

export default experiment({
  defaultProfile: "main",
  profiles: {
    main: (dag) => {
      let by = 0
      const node = (name, from) => dag.add(step, { name, params: { by: by++ }, inputs: { from } }).values
      const first = node("first", [])
      for (let chain = 0; chain < 13; chain++) {
        let last = first
        for (let link = 0; link < 50; link++) last = node("chain" + chain + "-" + link, [last])
      }
      const fan = Array.from({ length: 699 }, (_, index) => node("fan" + index, [first]))
      for (let index = 0; index < 50; index++) {
        node("sum" + index, Array.from({ length: 14 }, (_, part) => fan[(index * 14 + part) % fan.length]))
      }
    },
  },
})
`,
}

/** Writes a project of 1,400 trivial nodes of one inline stage: chains, a fan, and nodes that take from many. */
export const writeProject = (root: string): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}
