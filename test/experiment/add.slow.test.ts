import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { copyOfExperiment, shrinkDemo } from "../rig/experiment.ts"
import type { Project } from "../rig/project.ts"

const profile = ["--profile", "demo"]

/** A user who adds something to the experiment, and the files that they touch. */
class User {
  readonly touched = new Set<string>()
  readonly #project: Project
  constructor(project: Project) {
    this.#project = project
  }
  write(file: string, text: string): void {
    this.touched.add(file)
    this.#project.write(file, text)
  }
  edit(file: string, from: string, to: string): void {
    this.touched.add(file)
    this.#project.edit(file, from, to)
  }
}

/** What a project shows of its results, once all that they need is run. */
const resultsOf = async (project: Project) => {
  const run = await project.dag("run", "aggregate", ...profile)
  assert.strictEqual(run.code, 0, run.stdout + run.stderr)
  const told = await project.dag("results", ...profile, "--to", "out", "--force")
  assert.strictEqual(told.code, 0, told.stderr)
  return {
    terminal: (await project.dag("results", ...profile)).stdout,
    csv: project.read("out/results.csv"),
    markdown: project.read("out/table1.md"),
    latex: project.read("out/table1.tex"),
    page: project.read("out/report.html"),
    figure: project.read("out/figure2.svg"),
  }
}

describe("what a user adds to the experiment", () => {
  let project: Project
  beforeAll(() => {
    project = copyOfExperiment()
    shrinkDemo(project)
  })
  afterAll(() => project.remove())

  it("a corpus in a known format, by 3 files: it has a column in table, CSV, Markdown, LaTeX, page and figure", async () => {
    const user = new User(project)
    user.write("stages/template/trials.yaml", project.read("stages/template/cdr.yaml").replace("Find all", "List all"))
    user.edit(
      "experiment/corpora.ts",
      "\n]\n",
      `
  {
    id: "trials",
    title: "Trials",
    publication: { title: "A corpus of our own" },
    fewShot: false,
    arguments: "ordered",
    reach: "document",
    template: "stages/template/trials.yaml",
    evaluation: null,
    departures: [],
  },
]
`,
    )
    user.edit(
      "experiment/files.yaml",
      "\ndce:\n",
      `
trials:
  where: our own shelf
  licence: ours
  published: &trials
    train: { format: pubtator, names: [cdr/CDR_TrainingSet.PubTator.txt] }
    test: { format: pubtator, names: [cdr/CDR_TestSet.PubTator.txt] }
  bundled: *trials

dce:
`,
    )
    assert.lengthOf(user.touched, 3)

    const { terminal, csv, markdown, latex, page, figure } = await resultsOf(project)
    assert.match(terminal, /^model +params +CDR full +Trials *$/mu)
    assert.match(terminal, /^gpt2-mini .*\d\.\d\S* *$/mu)
    assert.match(csv, /^gpt2-mini,0\.3M,trials,full,/mu)
    assert.match(markdown, /^\| Model \| Params \| CDR full \| Trials \|$/mu)
    assert.match(latex, /CDR & Trials \\\\/u)
    assert.match(latex, /begin\{tabular\}\{lrr{2}\}/u)
    assert.match(page, /class="group">Trials</u)
    assert.match(page, /gpt2-mini, Trials, full: where/u)
    assert.include(page, "A corpus of our own")
    assert.include(figure, ">Trials<")
  })

  it("a model, by 1 file: it has a row in table, CSV, Markdown, LaTeX and page", async () => {
    const user = new User(project)
    user.edit(
      "experiment/demo.ts",
      "\n]\n",
      `
  { name: "copy", folder: "gpt2", kind: unigram("gpt2"), parameters: "0.4M", encoder: false, pretraining: { learningRate: 5e-3, steps: 1 } },
]
`,
    )
    assert.lengthOf(user.touched, 1)

    const { terminal, csv, markdown, latex, page } = await resultsOf(project)
    assert.match(terminal, /^copy +0\.4M .*\d\.\d\S* *$/mu)
    assert.match(csv, /^copy,0\.4M,cdr,full,/mu)
    assert.match(markdown, /^\| copy \| 0\.4M \|/mu)
    assert.match(latex, /^copy & 0\.4M & /mu)
    assert.match(page, /copy, CDR, full: where/u)
    assert.include(terminal, "cut outputs")
  })

  it("a model of the Hugging Face Hub, by 1 file: the paper's profile has its runs", async () => {
    const user = new User(project)
    user.edit(
      "experiment/models.ts",
      "\n]\n",
      `
  { name: "Own-T5", parameters: "60M", huggingFace: "someone/own-t5", kind: t5, family: "t5-small" },
]
`,
    )
    assert.lengthOf(user.touched, 1)

    const listed = await project.dag("ls", "finetune", "--profile", "paper")
    assert.match(listed.stdout, /^finetune\/Own-T5\/cdr\/16\/seed4 /mu)
    assert.match(listed.stdout, /^finetune\/Own-T5\/trials\/full /mu)
  })

  it("a stage, by 2 files: every number comes through it, and the page says so", async () => {
    const user = new User(project)
    user.write(
      "stages/complete/stage.ts",
      `import { Effect, Schema } from "effect"
import { one, stage } from "redag"
import { Extraction } from "../../schemas/relations.ts"

/** Takes every text for one that the model ended itself. */
export const complete = stage({
  name: "complete",
  params: Schema.Struct({}),
  inputs: { relations: one(Extraction) },
  outputs: { relations: Extraction },
  run: Effect.fnUntraced(function*({ inputs }) {
    const rows = yield* inputs.relations.rows
    return { relations: rows.map((row) => ({ ...row, finished: true })) }
  }),
})
`,
    )
    user.edit(
      "dag.config.ts",
      "import { extractFrom, generateFor }",
      "import { complete } from \"./stages/complete/stage.ts\"\nimport { runName } from \"./experiment/graph/run.ts\"\nimport { extractFrom, generateFor }",
    )
    user.edit(
      "dag.config.ts",
      "const relations = extractFrom(dag, run, generations)",
      "const written = extractFrom(dag, run, generations)\n"
        + "const { relations } = dag.add(complete, { name: runName(run), params: {}, inputs: { relations: written } })",
    )
    assert.lengthOf(user.touched, 2)

    const { terminal, page } = await resultsOf(project)
    assert.notInclude(terminal, "cut outputs")
    assert.match(page, /complete: \d+ actions/u)
    // It stands where it is in the chain of actions.
    const stages = [...page.matchAll(/<summary>([a-z]+): \d+ actions?<\/summary>/gu)].map(([, stage]) => stage)
    assert.deepStrictEqual(stages.slice(stages.indexOf("extract")), ["extract", "complete", "score", "aggregate"])
    const { stdout } = await project.dag("lineage", "score/gpt2-mini/trials/full", ...profile)
    assert.include(stdout, "complete/gpt2-mini/trials/full")
  })
})
