import { Schema } from "effect"
import type { Block, ExperimentPage, PageContent, PageSource, Piece } from "redag"
import { Outcome } from "../../schemas/outcomes.ts"
import { Result } from "../../schemas/results.ts"
import type { Cell } from "../../schemas/scores.ts"
import { corpusTitle } from "../corpora.ts"
import { mainRows } from "../results/layout.ts"
import { flags, marksOf, one, superscript } from "../results/words.ts"
import { settingTitle } from "../settings.ts"
import { checkpointPage } from "./checkpoint.ts"
import { documentPage } from "./document.ts"
import { checkpointOf, nodesOf, rowsAs, type ScoredRun, scoredRuns } from "./nodes.ts"

/** The cells of the results: a cell, its documents, what was written of each against what is right, and its checkpoint. */
export const cellPages: ExperimentPage = {
  title: "Cells",
  make: async (source, path) => {
    const [model, corpus, setting, seed, ...rest] = path
    if (model === undefined) return await cellsPage(source)
    const runs = scoredRuns(source).filter(({ cell }) =>
      cell.model === model && cell.corpus === corpus && cell.setting === setting
    )
    if (seed === undefined) return runs.length === 0 ? undefined : await cellPage(source, runs)
    const run = runs.find(({ cell }) => seedOf(cell) === seed)
    const [what, document] = rest
    if (run === undefined || rest.length > 2) return undefined
    if (what === "checkpoint" && document === undefined) return await checkpointPage(source, run, aboveRun(run.cell))
    if (what === "document" && document !== undefined) {
      return await documentPage(source, run, document, aboveRun(run.cell), pathOf(run.cell))
    }
    return undefined
  },
}

const seedOf = ({ seed }: Cell): string => (seed === null ? "all" : String(seed))

/** The address of a run of a cell. */
const pathOf = (cell: Cell): ReadonlyArray<string> => ["cells", cell.model, cell.corpus, cell.setting, seedOf(cell)]

const titleOf = ({ model, corpus, setting }: Cell): string =>
  `${model} on ${corpusTitle(corpus)}, ${settingTitle(setting)}`

const allCells: Piece = { text: "Cells", link: { to: "page", path: ["cells"] } }

const aboveRun = (cell: Cell): ReadonlyArray<Piece> => [
  allCells,
  { text: titleOf(cell), link: { to: "page", path: pathOf(cell).slice(0, 4) } },
]

const f1Of = ({ nodes }: PageSource, { node }: ScoredRun): number | undefined => nodes.get(node)?.made?.counts["F1"]

/** The rows of the table of the results; none before it is made. */
const resultsOf = async (source: PageSource): Promise<ReadonlyArray<Result>> => {
  const tables = await Promise.all(
    nodesOf(source, "aggregate").map(([node]) => rowsAs(source, node, "results", isResult)),
  )
  return mainRows(tables.flat())
}

const cellsPage = async (source: PageSource): Promise<PageContent> => {
  const results = await resultsOf(source)
  const cells = [...Map.groupBy(scoredRuns(source), ({ cell }) => pathOf(cell).slice(0, 4).join("/")).values()]
  return {
    title: "Cells of the results",
    above: [],
    blocks: [{
      _tag: "Table",
      title: "Cells",
      head: ["Model", "Corpus", "Learned from", ">Runs", ">F1"],
      rows: cells.flatMap((runs) => {
        const [first] = runs
        if (first === undefined) return []
        const { model, corpus, setting } = first.cell
        const scored = runs.filter((run) => f1Of(source, run) !== undefined).length
        // That of the table, which is made of numbers that were not rounded.
        const result = results.find((row) => row.model === model && row.corpus === corpus && row.setting === setting)
        return [[
          [{ text: model, link: { to: "page", path: ["cells", model, corpus, setting] } }],
          [{ text: corpusTitle(corpus) }],
          [{ text: settingTitle(setting) }],
          [{ text: scored === runs.length ? String(runs.length) : `${scored} of ${runs.length}` }],
          [{ text: result === undefined ? "–" : `${one(result.f1)}${superscript(marksOf(result))}` }],
        ]]
      }),
    }, ...legendOf(results)],
  }
}

/** What the marks beside the numbers mean. */
const legendOf = (results: ReadonlyArray<Result>): ReadonlyArray<Block> => {
  const items = flags.filter(({ flag }) => results.some((row) => row.flags.includes(flag)))
    .map(({ mark, meaning }): ReadonlyArray<Piece> => [{ text: `${superscript(mark)} ${meaning}` }])
  return items.length === 0 ? [] : [{ _tag: "List", items }]
}

const isResult = Schema.is(Result)
const isOutcome = Schema.is(Outcome)

const cellPage = async (source: PageSource, runs: ReadonlyArray<ScoredRun>): Promise<PageContent> => {
  const blocks: Array<Block> = []
  for (const run of runs) {
    const f1 = f1Of(source, run)
    const outcomes = await rowsAs(source, run.node, "outcomes", isOutcome)
    const path = pathOf(run.cell)
    blocks.push(
      {
        _tag: "Heading",
        text: `${run.cell.seed === null ? "The run" : `Seed ${run.cell.seed}`}${
          f1 === undefined ? "" : `: F1 ${one(f1)}`
        }`,
      },
      {
        _tag: "Text",
        pieces: [
          ...(checkpointOf(source, run.node) === undefined ? [{ text: "Its scores: " }] : [
            { text: "Its checkpoint", link: { to: "page", path: [...path, "checkpoint"] } } as const,
            { text: "; its scores: " },
          ]),
          { text: run.node, link: { to: "node", node: run.node } },
        ],
      },
      outcomes.length === 0
        ? { _tag: "Text", pieces: [{ text: "It was not scored yet." }] }
        : documentsOf(outcomes, path),
    )
  }
  return {
    title: titleOf(runs[0]?.cell ?? { model: "", corpus: "", setting: "", seed: null }),
    above: [allCells],
    blocks,
  }
}

/** The documents of a run, those with the most mistakes first. */
const documentsOf = (outcomes: ReadonlyArray<Outcome>, path: ReadonlyArray<string>): Block => ({
  _tag: "Table",
  title: "Documents",
  head: ["Document", ">Predicted", ">Right", ">Gold", ">Found", ">Mistakes", "Output"],
  rows: outcomes.toSorted((a, b) => b.mistakes.length - a.mistakes.length).map((outcome) => [
    [{ text: outcome.document, link: { to: "page", path: [...path, "document", outcome.document] } }],
    [{ text: String(outcome.predicted) }],
    [{ text: String(outcome.correct) }],
    [{ text: String(outcome.gold) }],
    [{ text: String(outcome.found) }],
    [{ text: String(outcome.mistakes.length) }],
    [{ text: [...(outcome.finished ? [] : ["cut"]), ...(outcome.sourceTruncated ? ["source cut"] : [])].join(", ") }],
  ]),
})
