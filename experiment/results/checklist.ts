import type { ChecklistItem, Executed, ProvenanceAction } from "redag"

/**
 * What the reproducibility checklists of NLP conferences ask (the items of ACL's Responsible NLP checklist, sections B
 * and C), answered from what was executed. What the store cannot know, such as energy, is said to be unknown.
 */
export const reproducibility = ({ actions }: Executed): ReadonlyArray<ChecklistItem> => {
  const of = (...stages: ReadonlyArray<string>) => actions.filter(({ stage }) => stages.includes(stage))
  const trainings = of("finetune")
  const scores = of("score")
  return [
    item("Which data were used, and under which licences?", of("ingest"), dataOf),
    item("How large are the splits?", of("ingest", "split", "sample"), splitsOf),
    item("Which models were used?", of("pretrained"), modelsOf),
    item("Which hyperparameters were used?", trainings, (each) => variedOf(each, hyperparameters)),
    item("Which seeds were used, and how many runs are there of each setting?", trainings, seedsOf),
    item("How were outputs generated?", of("generate", "ask"), generationOf),
    item("Which evaluation was used?", scores, (each) => variedOf(each, ["protocol", "measure.by"])),
    item("How is variance reported?", of("aggregate"), varianceOf),
    item("How much computing did it take, and on which machines?", actions, computeOf),
    item("How much energy did it take?", [], () => []),
    item("Which versions of software were used?", actions, versionsOf),
  ]
}

const item = (
  asks: string,
  actions: ReadonlyArray<ProvenanceAction>,
  says: (actions: ReadonlyArray<ProvenanceAction>) => ReadonlyArray<string>,
): ChecklistItem => ({ asks, says: actions.length === 0 ? [] : says(actions), nodes: actions.map(({ node }) => node) })

const distinct = (texts: Iterable<string>): ReadonlyArray<string> => [...new Set(texts)]

const dataOf = (actions: ReadonlyArray<ProvenanceAction>) =>
  distinct(
    actions.flatMap(({ reads }) =>
      reads.map(({ name, digest, source }) =>
        `${name}, sha256 ${digest.slice(0, 10)}: ${
          source === undefined ? "licence not stated" : `${source.licence}; from ${source.where}`
        }`
      )
    ),
  )

const splitsOf = (actions: ReadonlyArray<ProvenanceAction>) =>
  actions.flatMap(({ node, makes }) => {
    // Splits and shots have a row for each document.
    const tables = makes.filter(({ artifact, rows }) => rows > 0 && artifact !== "warnings")
      .map(({ rows }) => `${rows.toLocaleString("en-US")} documents`)
    return tables.length === 0 ? [] : [`${node}: ${tables.join(", ")}`]
  })

const modelsOf = (actions: ReadonlyArray<ProvenanceAction>) =>
  actions.map(({ node, params }) => `${node.slice(node.indexOf("/") + 1)}: ${valueAt(params, ["architecture"])}`)

const hyperparameters = [
  "batchSize",
  "accumulation",
  "learningRate",
  "warmupRatio",
  "weightDecay",
  "clipNorm",
  "dropout",
  "duration.maxSteps",
  "duration.epochs",
  "maxSourceTokens",
  "maxTargetTokens",
]
const decoding = ["decoding.numBeams", "decoding.noRepeatNgramSize", "maxNewTokens"]

const generationOf = (actions: ReadonlyArray<ProvenanceAction>) => {
  const constrained = actions.filter(({ params }) => params["constraint"] !== undefined).length
  return [...variedOf(actions, decoding), ...(constrained === 0 ? [] : [`constrained by the template: ${constrained}`])]
}

/** What the nodes have at each of these params, every value with how many nodes have it. */
const variedOf = (actions: ReadonlyArray<ProvenanceAction>, paths: ReadonlyArray<string>) =>
  paths.flatMap((path) => {
    const values = actions.map(({ params }) => valueAt(params, path.split(".")))
    const found = distinct(values.filter((value) => value !== "not set"))
    if (found.length === 0) return []
    const counted = found.map((value) => `${value} (${values.filter((other) => other === value).length})`)
    const unset = values.filter((value) => value === "not set").length
    return [`${path}: ${[...counted, ...(unset === 0 ? [] : [`not set (${unset})`])].join(", ")}`]
  })

const valueAt = (params: unknown, [first, ...rest]: ReadonlyArray<string>): string => {
  if (first === undefined) return typeof params === "string" ? params : JSON.stringify(params)
  if (typeof params !== "object" || params === null || !Object.hasOwn(params, first)) return "not set"
  return valueAt(Reflect.get(params, first), rest)
}

const seedsOf = (actions: ReadonlyArray<ProvenanceAction>) => [
  `seeds ${distinct(actions.map(({ params }) => valueAt(params, ["seed"]))).toSorted().join(", ")}`,
  ...[...Map.groupBy(actions, ({ node }) => node.replace(/\/seed\d+$/u, ""))]
    .map(([name, runs]) => `${name}: ${runs.length} ${runs.length === 1 ? "run" : "runs"}`),
]

const varianceOf = (actions: ReadonlyArray<ProvenanceAction>) =>
  actions.flatMap(({ params }) => [
    "mean and standard deviation over seeds; one run where there is one seed",
    `95% percentile interval of ${valueAt(params, ["resamples"])} bootstrap samples of the test documents`,
  ])

const hours = (milliseconds: number): string =>
  milliseconds < 3_600_000 ? `${(milliseconds / 60_000).toFixed(1)} min` : `${(milliseconds / 3_600_000).toFixed(1)} h`

const computeOf = (actions: ReadonlyArray<ProvenanceAction>) => {
  const took = (each: ProvenanceAction): number => Date.parse(each.ended) - Date.parse(each.started)
  const total = (some: ReadonlyArray<ProvenanceAction>): number => some.reduce((sum, each) => sum + took(each), 0)
  const onGpu = actions.filter(({ resources }) => resources.gpu > 0)
  return [
    ...[...Map.groupBy(actions, ({ stage }) => stage)].map(([stage, some]) =>
      `${stage}: ${some.length} ${some.length === 1 ? "execution" : "executions"}, ${hours(total(some))}`
    ),
    `in all: ${
      hours(total(actions))
    } of executions that count now, without those that failed or came before them, of which ${
      onGpu.length === 0 ? "none" : hours(total(onGpu))
    } on GPUs`,
    ...distinct(
      actions.map(({ environment: { processor, threads, platform } }) =>
        `${processor}${threads === undefined ? "" : `, ${threads} threads`}, ${platform}`
      ),
    ),
  ]
}

const versionsOf = (actions: ReadonlyArray<ProvenanceAction>) =>
  distinct([
    ...actions.flatMap(({ environment: { versions } }) =>
      Object.entries(versions).filter(([name]) => name === "node").map(([, its]) => `Node ${its}`)
    ),
    ...actions.flatMap(({ environment: { commit, dirty } }) =>
      commit === null ? [] : [`commit ${commit.slice(0, 10)}${dirty ? ", with edits" : ""}`]
    ),
    ...actions.flatMap(({ packages }) => packages.map(([name, its]) => `${name} ${its}`)).toSorted(),
  ])
