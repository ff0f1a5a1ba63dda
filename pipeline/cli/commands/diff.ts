import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { stripVTControlCharacters } from "node:util"
import { canonical } from "../../base/canonical.ts"
import { originOf } from "../../graph/origin.ts"
import { columns, paint } from "../../report/terminal.ts"
import { differencesOf, type OriginOf } from "../../status/diff.ts"
import { allRuns, type RunLog } from "../../store/runs.ts"
import { type Compared, compareResults } from "../compare-results.ts"
import { jsonFlag, noteNoStore, profileFlag, Project } from "../project.ts"
import { type Revision, revisionsOf } from "../revision.ts"
import { differencesText, lackedBy, revisionText } from "../text/differences.ts"
import { print, printJson } from "../text/output.ts"

/** `dag diff BEFORE AFTER`: what differs between two runs, or states of a store. */
export const diff = Command.make("diff", {
  revisions: Argument.String("revision").pipe(
    Argument.withDescription(
      "A run or the beginning of its name, \"last\", \"now\" or a profile as it is declared, or the folder of another"
        + " store; the second is \"now\" if left out; the runs are listed if both are",
    ),
    Argument.atMost(2),
  ),
  profile: profileFlag,
  json: jsonFlag,
}, ({ revisions: [first, second = "now"], profile, json }) =>
  Effect.gen(function*() {
    if (first === undefined) return yield* printRuns(profile, json)
    const comparison = yield* compareRevisions([first, second], profile)
    if (json) {
      const { before, after, differences, compared } = comparison
      yield* printJson({
        before: revisionForMachines(before, after),
        after: revisionForMachines(after, before),
        ...differences,
        results: resultsForMachines(compared),
      })
      return
    }
    yield* print(comparisonText(comparison))
  })).pipe(
    Command.withDescription(
      "Show what differs between two runs, a run and what is declared now, or two stores; a run in which every node"
        + " was up to date leaves no log and cannot be compared",
    ),
  )

/** Two revisions, and what differs between them. */
export const compareRevisions = Effect.fnUntraced(function*(words: readonly [string, string], profile: string) {
  const [before, after] = yield* revisionsOf(words, profile)
  const differences = differencesOf(before.nodes, after.nodes, origins(after))
  return { before, after, differences, compared: yield* compareResults(before, after) }
})

/** What differs between two revisions, as it is printed. */
export const comparisonText = (
  { before, after, differences, compared }: Effect.Success<ReturnType<typeof compareRevisions>>,
): string =>
  [
    revisionText("before", before, after),
    revisionText("after", after, before),
    `\n${differencesText(differences, before, after)}`,
    ...(compared === undefined ? [] : [`\n${comparedText(compared)}`]),
  ].join("\n")

/** Where a param was written, where that is what the project still says. */
const origins = ({ graph }: Revision): OriginOf => (name, path, value) => {
  const node = graph?.nodes.get(name)
  if (node === undefined) return undefined
  const declared = path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    node.params,
  )
  return declared !== undefined && value !== undefined && canonical(declared) === canonical(value)
    ? originOf(node.declared, path)
    : undefined
}

const printRuns = Effect.fnUntraced(function*(profile: string, json: boolean) {
  const { experiment } = yield* Project
  const runs = (yield* allRuns).filter((run) => profile === "" || run.profile === profile)
  if (json) {
    yield* printJson(runs.map((run) => runForMachines(run)))
    return
  }
  yield* noteNoStore
  if (runs.length === 0) {
    yield* print(`No run${profile === "" ? "" : ` of profile "${profile}"`} left a log yet.`)
    return
  }
  yield* print(columns(
    ["run", "started (UTC)", "profile", "outcome", ">executed", ">up to date", "only"],
    runs.map((run) => [
      run.run,
      run.started.slice(0, 19).replace("T", " "),
      run.profile in experiment.profiles ? run.profile : `${run.profile} (removed)`,
      run.outcome ?? "did not end",
      run.executed.toLocaleString("en"),
      run.cached.toLocaleString("en"),
      run.selectors.join(" "),
    ]),
  ))
  yield* print(paint.dim("Compare two of them, or one with \"now\": dag diff RUN [RUN]"))
})

const comparedText = (compared: Compared): string => {
  const heading = paint.bold("Results")
  switch (compared._tag) {
    case "Uncomparable":
      return `${heading} are not compared: ${compared.why}`
    case "Same":
      return `${heading} are the same`
    case "Different":
      return `${heading}\n${compared.text}`
  }
}

const resultsForMachines = (compared: Compared | undefined): object | null =>
  compared === undefined
    ? null
    : compared._tag === "Different"
    ? { compared: true, text: stripVTControlCharacters(compared.text) }
    : compared._tag === "Same"
    ? { compared: true, text: null }
    : { compared: false, why: compared.why }

const runForMachines = (
  { run, started, profile, selectors, nodes, outcome, executed, cached, unmade }: RunLog,
): object => ({
  run,
  started,
  profile,
  selectors,
  nodes,
  outcome: outcome ?? null,
  executed,
  upToDate: cached,
  unmade: Object.fromEntries([...unmade].toSorted(([one], [other]) => (one < other ? -1 : 1))),
})

const revisionForMachines = (revision: Revision, other: Revision): object => {
  const { meaning, profile } = revision
  switch (meaning._tag) {
    case "Run":
      return { ...runForMachines(meaning.log), lacks: lackedBy(revision, other) }
    case "Declared":
      return { now: true, profile }
    case "Folder":
      return { folder: meaning.folder, profile }
  }
}
