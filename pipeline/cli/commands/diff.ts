import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { stripVTControlCharacters } from "node:util"
import { canonical } from "../../base/canonical.ts"
import { originOf } from "../../graph/origin.ts"
import { differencesOf, type OriginOf } from "../../status/diff.ts"
import { allRuns, type RunLog } from "../../store/runs.ts"
import { jsonFlag, profileFlag, Project } from "../project.ts"
import { type Side, sidesOf } from "../side.ts"
import { lackedBy, tellDifferences, tellSide } from "../text/differences.ts"
import { columns, paint, print, printJson } from "../text/output.ts"
import { type Compared, compareScores } from "../text/scores.ts"

/** `dag diff BEFORE AFTER`: what differs between two runs, or states of a store. */
export const diff = Command.make("diff", {
  sides: Argument.String("side").pipe(
    Argument.withDescription(
      "A run or the beginning of its name, \"last\", \"now\" or a profile as it is declared, or the folder of another"
        + " store; the second is \"now\" where left out, and without any the runs are listed",
    ),
    Argument.atMost(2),
  ),
  profile: profileFlag,
  json: jsonFlag,
}, ({ sides: [first, second = "now"], profile, json }) =>
  Effect.gen(function*() {
    if (first === undefined) return yield* printRuns(profile, json)
    const [before, after] = yield* sidesOf([first, second], profile)
    const differences = differencesOf(before.state, after.state, origins(after))
    const compared = yield* compareScores(before, after)
    if (json) {
      yield* printJson({
        before: sideForMachines(before, after),
        after: sideForMachines(after, before),
        ...differences,
        results: resultsForMachines(compared),
      })
      return
    }
    yield* print(tellSide("before", before, after))
    yield* print(tellSide("after", after, before))
    yield* print(`\n${tellDifferences(differences, before, after)}`)
    if (compared !== undefined) yield* print(`\n${tellCompared(compared)}`)
  })).pipe(
    Command.withDescription(
      "Say what differs between two runs, a run and what is declared now, or another store; a run in which every node"
        + " was up to date leaves no log and is none of these",
    ),
  )

/** Where a param was written, where that is what the project still says. */
const origins = ({ graph }: Side): OriginOf => (name, path, value) => {
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
  if (runs.length === 0) {
    yield* print(`No run${profile === "" ? "" : ` of profile "${profile}"`} left a log yet.`)
    return
  }
  yield* print(columns(
    ["run", "started (UTC)", "profile", "outcome", ">executed", ">up to date", "only"],
    runs.map((run) => [
      run.run,
      run.started.slice(0, 19).replace("T", " "),
      run.profile in experiment.profiles ? run.profile : `${run.profile} (no more)`,
      run.outcome ?? "did not end",
      run.executed.toLocaleString("en"),
      run.cached.toLocaleString("en"),
      run.selectors.join(" "),
    ]),
  ))
  yield* print(paint.dim("Compare two of them, or one with \"now\": dag diff RUN [RUN]"))
})

const tellCompared = (compared: Compared): string => {
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
  unmade: Object.fromEntries(unmade),
})

const sideForMachines = (side: Side, other: Side): object => {
  const { meaning, profile } = side
  switch (meaning._tag) {
    case "Run":
      return { ...runForMachines(meaning.log), lacks: lackedBy(side, other) }
    case "Declared":
      return { now: true, profile }
    case "Folder":
      return { folder: meaning.folder, profile }
  }
}
