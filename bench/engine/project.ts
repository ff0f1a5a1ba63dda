import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { edited, shapeOf } from "./shape.ts"

const filesOf = (nodes: number): Readonly<Record<string, string>> => ({
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
  "edit.yaml": "by: 0\n",
  // A module, so that the bundler need not parse a large text.
  "graph.json": JSON.stringify(shapeOf(nodes)),
  "dag.config.ts": `import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { experiment } from "redag"
import { step } from "./stages/step/stage.ts"

const Edit = Schema.Struct({ by: Schema.Int })

export default experiment({
  defaultProfile: "main",
  profiles: {
    main: (dag) => {
      const { by: editedBy } = dag.yaml("edit.yaml", Edit)
      const made = []
      for (const { name, from } of JSON.parse(readFileSync(join(dag.root, "graph.json"), "utf8"))) {
        const by = name === "${edited}" ? -editedBy : made.length
        made.push(dag.add(step, { name, params: { by }, inputs: { from: from.map((index) => made[index]) } }).values)
      }
    },
  },
})
`,
})

/** Writes a project of so many trivial nodes of one inline stage: chains, a fan, and nodes that take from many. */
export const writeProject = (root: string, nodes: number): void => {
  for (const [name, text] of Object.entries(filesOf(nodes))) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

/** Edits the input of one node; `value` makes it another than before. */
export const editProject = (root: string, value: number): void => {
  writeFileSync(join(root, "edit.yaml"), `by: ${value}\n`)
}
