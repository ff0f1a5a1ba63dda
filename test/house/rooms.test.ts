import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { takenBy, type Way } from "./outside.ts"
import { refusedIn } from "./refused.ts"
import { allowances, rooms } from "./rooms.ts"
import { readTree } from "./tree.ts"

const tree = readTree()

/** What is said of a file that is added to the repository, or of one that it has with text put before its own. */
const planted = (file: string, text: string): ReadonlyArray<string> =>
  refusedIn(new Map([[file, `${text}\n${tree.get(file) ?? ""}`]])).map(({ line, message }) => `${line}: ${message}`)

it("holds for the repository as it is", () => {
  expect(refusedIn(tree)).toEqual([])
})

it.each([
  // Up, inside the engine.
  ["pipeline/base/digest.ts", `import { stage } from "../graph/stage.ts"`],
  ["pipeline/graph/node.ts", `import type { Lineage } from "../status/lineage.ts"`],
  ["pipeline/identity/fingerprint.ts", `import { type Lineage } from "../status/lineage.ts"`],
  ["pipeline/store/record.ts", `export type { Lineage } from "../status/lineage.ts"`],
  ["pipeline/status/planted.ts", `export const text = async () => import("../cli/text/output.ts")`],
  ["pipeline/run/planted.ts", `export * from "../cli/main.ts"`],
  ["pipeline/execute/planted.ts", `export type Main = typeof import("../cli/main.ts")`],
  ["pipeline/report/planted.ts", `export const at = new URL("../cli/main.ts", import.meta.url)`],
  ["pipeline/base/planted.ts", `import { stage } from "redag"`],
  ["pipeline/planted/planted.ts", "export const one = 1"],
  // From the engine to the experiment.
  ["pipeline/cli/planted.ts", `import { rowsOf } from "../../schemas/scores.ts"`],
  ["pipeline/status/planted.ts", `import type { Score } from "../../schemas/scores.ts"`],
  ["pipeline/build/planted.ts", `await import("../../dag.config.ts")`],
  // From models to the DAG, and up inside models.
  ["models/training/planted.ts", `import { stage } from "redag"`],
  ["models/hub/planted.ts", `import type { Node } from "../../pipeline/graph/node.ts"`],
  ["models/training/planted.ts", `import type { TrainingStep } from "../../schemas/training.ts"`],
  ["models/ir/planted.ts", `import type { Architecture } from "../architectures/architecture.ts"`],
  ["models/ir/planted.ts", `export { run } from "../engines/onnx/engine.ts"`],
  ["models/tokenizers/planted.ts", `import { readCheckpoint } from "../checkpoints/checkpoint.ts"`],
  ["models/architectures/planted.ts", `export const load = () => import("../training/trainer.ts")`],
  // Between stages, and from stages to the experiment.
  ["stages/score/planted.ts", `import { stage } from "../extract/stage.ts"`],
  ["stages/score/planted.ts", `import type { Extract } from "../extract/stage.ts"`],
  ["stages/generate/planted.ts", `export { stage } from "../finetune/stage.ts"`],
  ["stages/ingest/planted.ts", `export const later = () => import(\`../split/stage.ts\`)`],
  ["stages/ingest/planted.ts", `export const file = new URL("../template/cdr.yaml", import.meta.url)`],
  ["stages/shared/planted.ts", `import { stage } from "../score/stage.ts"`],
  ["stages/aggregate/planted.ts", `import { models } from "../../experiment/models.ts"`],
  ["stages/aggregate/planted.ts", `import type { Corpus } from "../../experiment/corpora.ts"`],
  ["stages/sample/planted.ts", `import { program } from "../../pipeline/identity/fingerprint.ts"`],
  // From what others stand on.
  ["schemas/planted.ts", `import type { Measure } from "../stages/shared/measures/measures.ts"`],
  ["schemas/planted.ts", `import { readFileSync } from "node:fs"`],
  ["experiment/planted.ts", `import config from "../dag.config.ts"`],
  ["experiment/planted.ts", `import type { Node } from "../pipeline/graph/node.ts"`],
  ["dag.config.ts", `import { stage } from "./pipeline/graph/stage.ts"`],
  ["dag.config.ts", `import type { Architecture } from "./models/architectures/architecture.ts"`],
  // Packages and files that no room may take.
  ["models/training/planted.ts", `import { parse } from "yaml"`],
  ["pipeline/base/planted.ts", `import { rolldown } from "rolldown"`],
  ["stages/score/planted.ts", `import helper from "../../../elsewhere/helper.ts"`],
  ["stages/score/planted.ts", `const name = "extract"; export const any = () => import(\`../\${name}/stage.ts\`)`],
  ["stages/ingest/messages.ts", `import { readers } from "./formats.ts"`],
  ["stages/score/planted.mts", `import "../extract/stage.ts"`],
])("refuses, in %s: %s", (file, text) => {
  expect(planted(file, text)).toHaveLength(1)
})

it.each([
  ["process.env", `export const home = process.env["HOME"]`],
  ["process.env by another name", `const { env } = process; export const home = env["HOME"]`],
  ["process as a module", `import { env } from "node:process"; export const home = env["HOME"]`],
  ["process of the global object", `export const { HOME } = globalThis.process.env`],
  ["a computed member", `export const home = process["env"]["HOME"]`],
  ["effect's Config", `import { Config } from "effect"; export const home = Config.string("HOME")`],
  ["a file of the project", `import { readFileSync } from "node:fs"; export const text = readFileSync("notes.txt")`],
  [
    "a file, by a name of its own",
    `import { readFileSync as read } from "node:fs"; export const text = read("notes.txt")`,
  ],
  ["a file, by import()", `export const files = import("node:fs/promises")`],
  ["the folder that a command was started in", "export const folder = process.cwd()"],
  ["another process", `import { execSync } from "node:child_process"; export const date = execSync("date")`],
  ["a page of the network", `export const page = fetch("https://example.org")`],
  ["the time", "export const now = Date.now()"],
  ["chance", "export const chance = Math.random()"],
  ["code from text", `export const code = eval("1 + 1")`],
])("refuses that a stage or a model takes what its key does not hold: %s", (_, text) => {
  expect(planted("stages/score/planted.ts", text)).not.toEqual([])
  expect(planted("models/training/planted.ts", text)).not.toEqual([])
  // The engine and the experiment may.
  expect(planted("pipeline/cli/planted.ts", text)).toEqual([])
})

it("knows a variable of its own from the one that all modules have", () => {
  expect(planted("models/generation/planted.ts", "export const apply = (process: () => number) => process()")).toEqual(
    [],
  )
  expect(planted("models/generation/planted.ts", "export type Environment = { process: NodeJS.ProcessEnv }")).toEqual(
    [],
  )
})

it("lets a module read a file beside itself, whose content is in the key", () => {
  const text = `import { readFileSync } from "node:fs"
export const words = () => readFileSync(new URL("./words.txt", import.meta.url), "utf8")`
  expect(planted("stages/score/planted.ts", text)).toEqual([])
  expect(planted("stages/score/planted.ts", `${text}\nexport const notes = () => readFileSync("notes.txt")`)).not
    .toEqual([])
  expect(planted("stages/score/planted.ts", text.replace("./words.txt", "../extract/words.txt"))).not.toEqual([])
})

it("has each allowance in docs/add-a-stage.md, with its reason", () => {
  const page = readFileSync(new URL("../../docs/add-a-stage.md", import.meta.url), "utf8")
  for (const { in: place, ways, why } of allowances) {
    expect(page).toContain(`| \`${place}\` | ${ways.join(", ")} | ${why} |`)
  }
})

it("has no circle of rooms, no allowance that nothing needs, and no room without files", () => {
  const engine = rooms.filter(({ room }) => /^(?:pipeline|models)\//u.test(room))
  const order: Array<string> = []
  for (let left = engine; left.length > 0;) {
    const free = left.filter(({ may }) =>
      may.every((name) => order.includes(name) || !engine.some((one) => one.room === name))
    )
    expect(free, `a circle among ${left.map(({ room }) => room).join(", ")}`).not.toEqual([])
    order.push(...free.map(({ room }) => room))
    left = left.filter((one) => !free.includes(one))
  }

  const files = [...tree.keys()]
  expect(rooms.filter(({ room }) => !room.includes("*") && !files.some((file) => `${file}/`.startsWith(`${room}/`))))
    .toEqual([])
  const takenIn = (place: string): ReadonlyArray<Way> =>
    [...tree].flatMap(([file, text]) =>
      `${file}/`.startsWith(`${place}/`) ? takenBy(file, text).map(({ way }) => way) : []
    )
  for (const { in: place, ways } of allowances) expect([...new Set(takenIn(place))].sort()).toEqual([...ways].sort())
})
