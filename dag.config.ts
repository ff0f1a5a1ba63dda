import { type Builder, experiment } from "redag"
import { paperCorpora } from "./experiment/corpora.ts"
import { askedDepartures, noDepartures } from "./experiment/departures.ts"
import { endpointNotice } from "./experiment/endpoint-notice.ts"
import { engineNotice } from "./experiment/engine-notice.ts"
import { engineChecks, installableEngines } from "./experiment/engines.ts"
import { facets } from "./experiment/facets.ts"
import { scoreAsked } from "./experiment/graph/asked.ts"
import { addCeilings } from "./experiment/graph/ceilings.ts"
import { addConstrained } from "./experiment/graph/constrained.ts"
import { addInContext } from "./experiment/graph/in-context.ts"
import { chooseShots, finetuneOn } from "./experiment/graph/learn.ts"
import { learnsIn } from "./experiment/graph/models.ts"
import { demoPlan, morePlan, paperPlan, type Plan } from "./experiment/graph/plans.ts"
import { addPredictions } from "./experiment/graph/predictions.ts"
import { pretrainDemoModels } from "./experiment/graph/pretraining.ts"
import { readCorpus, type TestPart } from "./experiment/graph/read.ts"
import { listedRows, rowNames } from "./experiment/graph/rows.ts"
import { selectionsOf } from "./experiment/graph/run.ts"
import { type Scored, scoreRun } from "./experiment/graph/score.ts"
import { addTable } from "./experiment/graph/table.ts"
import { taskOf } from "./experiment/graph/task.ts"
import { extractFrom, generateFor } from "./experiment/graph/write.ts"
import { cellPages } from "./experiment/pages/cells.ts"
import { corpusPages } from "./experiment/pages/corpora.ts"
import { type AskedPredictions, askedPredictions } from "./experiment/predictions.ts"
import { bestScores } from "./experiment/results/best.ts"
import { renderCeilings } from "./experiment/results/ceilings.ts"
import { cellOf } from "./experiment/results/cell.ts"
import { reproducibility } from "./experiment/results/checklist.ts"
import { compareResults } from "./experiment/results/compare.ts"
import { detailsOf, renderDetails } from "./experiment/results/details.ts"
import { reportFiles } from "./experiment/results/files.ts"
import { scoreMetrics } from "./experiment/results/metrics.ts"
import { officialExport } from "./experiment/results/official.ts"
import { scoring } from "./experiment/results/scoring.ts"
import { trainingSeries } from "./experiment/results/series.ts"
import { renderResults } from "./experiment/results/terminal.ts"
import { type Rows, rowsOf } from "./experiment/rows.ts"

/**
 * The method: every model learns from every corpus in each of its settings, writes what it finds in the test set, and is
 * scored. A comment names the stages of each step; the models come from the stage "pretrained". Rows beyond the grid are
 * scored in the same way.
 */
const grid = (dag: Builder, plan: Plan, rows: Rows): void => {
  dag.facet("model", rowNames(rows)) // for selectors, as "facets" below
  const scored: Array<Scored> = []
  const tests: Array<TestPart> = []
  for (const { corpus, files } of plan.corpora) {
    const cells: Array<Scored> = []
    const task = taskOf(dag, corpus, plan.departures)
    const { learn, test } = readCorpus(dag, task, files) // ingest, split, template
    tests.push(test)
    for (const selection of selectionsOf(corpus, plan.seeds)) {
      const shots = chooseShots(dag, corpus, selection, learn.examples) // sample
      const { documents } = files.test.published
      const asked = { task, selection, shots, learn, test, documents, learners: plan.models, seeds: plan.seeds }
      scored.push(...addInContext(dag, rows.inContext, asked)) // prompt, generate or ask, extract, score
      for (const model of plan.models.filter((model) => learnsIn(model, selection.setting))) {
        const run = { task, model, ...selection }
        const { checkpoint, evaluations } = finetuneOn(dag, run, shots) // finetune
        const generations = generateFor(dag, run, checkpoint, test.examples) // generate
        const relations = extractFrom(dag, run, generations) // extract
        const learned = { shots, learnable: learn.examples }
        const own = scoreRun(dag, run, { relations, evaluations, test, ...learned }) // score
        cells.push(...own)
        scored.push(...own)
        scored.push(...addConstrained(dag, rows.constrained, run, { checkpoint, test, ...learned })) // generate, extract, score
      }
    }
    scoreAsked(dag, plan, rows.asked, { task, test, cells }) // what "dag score" names
    scored.push(...addPredictions(dag, rows.predictions, task, test)) // predictions, score
    addCeilings(dag, corpus, test, plan.tokenizers) // ceiling
  }
  addTable(dag, { ...plan, listed: [...plan.listed, ...listedRows(rows, plan.listed)], scored, tests }) // aggregate
}

/** The profiles; `asked` are predictions that are scored beside them and are no rows of their tables. */
const profiles = (asked?: AskedPredictions) => ({
  /** What the paper says. */
  "paper": (dag: Builder) => grid(dag, paperPlan(dag, noDepartures()), rowsOf(dag, "paper", asked)),
  /** What its numbers were computed with. */
  "authors": (dag: Builder) => grid(dag, paperPlan(dag, askedDepartures()), rowsOf(dag, "authors", asked)),
  /** The same on corpora that the paper does not have too. */
  "more": (dag: Builder) => grid(dag, morePlan(dag), rowsOf(dag, "more", asked)),
  /** All of it in small, in minutes on a laptop. */
  "demo": (dag: Builder) => grid(dag, demoPlan(dag, noDepartures()), rowsOf(dag, "demo", asked)),
  "demo-authors": (dag: Builder) =>
    grid(dag, demoPlan(dag, askedDepartures(), paperCorpora), rowsOf(dag, "demo-authors", asked)),
  /** How the demo's models were made. */
  "demo-models": pretrainDemoModels,
})

export default experiment({
  defaultProfile: "paper",
  profiles: profiles(),
  filters: {
    "models": "Only these models, with commas between them; * stands for any characters: 't5-*,biogpt*'",
    "corpora": "Only these corpora: cdr,dce",
  },
  facets,
  checks: engineChecks,
  engines: installableEngines,
  notices: [engineNotice, endpointNotice],
  series: trainingSeries,
  metrics: scoreMetrics,
  checklist: reproducibility,
  scoring: {
    ...scoring,
    profiles: ({ files, flags }) => profiles(askedPredictions(files, flags)),
  },
  pages: { cells: cellPages, corpora: corpusPages },
  exports: { official: officialExport },
  results: {
    best: bestScores,
    node: "aggregate/table1",
    text: renderResults,
    files: reportFiles,
    page: "report.html",
    compare: compareResults,
    cell: cellOf,
    details: { rows: detailsOf, text: renderDetails },
    ceilings: { stage: "ceiling", output: "ceilings", text: renderCeilings },
  },
})
