import { indent, some } from "../../base/text.ts"
import { counted } from "../../base/text.ts"
import { noFilters } from "../../graph/filters.ts"
import { paint } from "../../report/terminal.ts"
import type { Change, Differences, Rewired } from "../../status/diff.ts"
import type { RunLog } from "../../store/runs.ts"
import type { Revision } from "../revision.ts"
import { filtersText } from "../view-text.ts"
import { reasonText } from "./reasons.ts"

/** Up to this many of a kind are printed one by one. */
const few = 4

/** A revision: what it is, and what it lacks. */
export const revisionText = (label: string, revision: Revision, other: Revision): string =>
  [
    `${paint.bold(label.padEnd(6))}  ${meaningText(revision)}`,
    ...lackTexts(revision, other).map((line) => indent(line, 8)),
  ]
    .join("\n")

const meaningText = ({ meaning, profile, nodes, graph }: Revision): string => {
  const { filters = noFilters } = graph ?? {}
  const view = filters.size === 0 ? profile : `${profile} with ${filtersText(filters)}`
  switch (meaning._tag) {
    case "Run": {
      const { run, started, outcome, executed, cached } = meaning.log
      const ended = outcome === undefined ? "did not end, or still runs" : outcome
      return `run ${run}, ${started.slice(0, 19).replace("T", " ")} UTC, profile ${view}, ${ended}: ${
        executed.toLocaleString("en")
      } executed, ${cached.toLocaleString("en")} up to date`
    }
    case "Declared": {
      const open = [...nodes.values()].filter(({ _tag }) => _tag === "Declared").length
      return `profile ${view} as it is declared now: ${counted(nodes.size, "node")}${
        open === 0 ? "" : `, of which ${open.toLocaleString("en")} not up to date`
      }`
    }
    case "Folder":
      return `store ${meaning.folder}, profile ${view}: ${counted(nodes.size, "node")}`
  }
}

/** What a run does not have of what it might. */
const lackTexts = (revision: Revision, other: Revision): ReadonlyArray<string> => {
  if (revision.meaning._tag !== "Run") return []
  const { selectors, unmade, damaged } = revision.meaning.log
  const absent = lackedBy(revision, other)
  return [
    ...(selectors.length === 0 ? [] : [`it was to run only ${selectors.join(" ")} and what that depends on`]),
    ...[...Map.groupBy(unmade, ([, why]) => why)].map(([why, of]) => `${nodesText(of.map(([node]) => node))} ${why}`),
    ...(absent.length === 0 ? [] : [`it does not have ${nodesText(absent)}`]),
    ...(damaged.length === 0 ? [] : [`${counted(damaged.length, "line")} of its log cannot be read`]),
  ].map((line) => paint.yellow(line))
}

/** The nodes of its profile that a partial run has nothing of; those of the other revision where the profile was removed. */
export const lackedBy = ({ meaning, graph, nodes }: Revision, other: Revision): ReadonlyArray<string> =>
  meaning._tag === "Run" && isPartial(meaning.log)
    ? [...(graph?.nodes ?? other.nodes).keys()].filter((node) => !nodes.has(node))
    : []

const isPartial = (log: RunLog): boolean => log.selectors.length > 0 || log.outcome !== "succeeded"

/** What differs, each change once. */
export const differencesText = (differences: Differences, before: Revision, after: Revision): string => {
  const { same, changed, following, open, onlyBefore, onlyAfter, renamed, unmade, otherBytes } = differences
  const only = (label: string, nodes: ReadonlyArray<string>, without: Revision) =>
    nodes.length === 0 ? [] : [
      `${paint.bold(`Only ${label}`)} ${nodesText(nodes)}${
        without.meaning._tag === "Run" && isPartial(without.meaning.log)
          ? paint.dim(" (the other revision is partial)")
          : ""
      }`,
    ]
  const parts = [
    ...blocksOf(changed).map(({ nodes, lines }) =>
      `${paint.bold("Changed")} ${nodesText(nodes)}\n${lines.map((line) => indent(line, 2)).join("\n")}`
    ),
    ...(following.length === 0 ? [] : [`${paint.bold("Only inputs differ")} at ${nodesText(following)}`]),
    ...(open.length === 0
      ? []
      : [`${paint.bold("May differ")} by inputs that are not there yet: ${nodesText(open)}`]),
    ...only("before", onlyBefore, after),
    ...only("after", onlyAfter, before),
    ...(renamed.length === 0
      ? []
      : [`${paint.bold("Renamed")} ${some(renamed.map(({ before, after }) => `${before} -> ${after}`))}`]),
    ...unmadeTexts(unmade),
    ...(otherBytes.length === 0 ? [] : [
      `${paint.bold(paint.red("Other bytes by the same key"))} ${
        some(otherBytes.map(({ node, outputs }) => `${node}:${outputs.join(",")}`))
      }\n  what these stages make is not the same each time`,
    ]),
  ]
  const rest = `${counted(same.length, "node")} ${same.length === 1 ? "is" : "are"} the same`
  return parts.length === 0 ? `Nothing differs: ${rest}` : [...parts, rest].join("\n")
}

const unmadeTexts = (unmade: Differences["unmade"]): ReadonlyArray<string> => {
  const reasons = Map.groupBy(unmade, ({ before, after }) =>
    [
      ...(before === undefined ? [] : [`${before} (before)`]),
      ...(after === undefined ? [] : [`${after} (after)`]),
    ].join(", "))
  return [...reasons].map(([why, of]) =>
    `${paint.bold("Not compared")} ${nodesText(of.map(({ node }) => node))} ${why}`
  )
}

/** A few nodes by name, many by their stages. */
const nodesText = (nodes: ReadonlyArray<string>): string =>
  nodes.length <= few ? nodes.join(", ") : `${counted(nodes.length, "node")}${byStage(nodes)}`

/** " of clip" or ": clip 3, total 1". */
const byStage = (nodes: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const node of nodes) {
    const [stage = node] = node.split("/", 1)
    counts.set(stage, (counts.get(stage) ?? 0) + 1)
  }
  const [[only] = []] = counts
  return counts.size === 1 && only !== undefined
    ? ` of ${only}`
    : `: ${[...counts].map(([stage, count]) => `${stage} ${count.toLocaleString("en")}`).join(", ")}`
}

type Group = Differences["changed"][number]

/** The changes that enter at the same nodes, together. */
const blocksOf = (
  changed: ReadonlyArray<Group>,
): ReadonlyArray<{ readonly nodes: ReadonlyArray<string>; readonly lines: ReadonlyArray<string> }> => {
  const blocks = new Map<
    string,
    { readonly nodes: ReadonlyArray<string>; readonly plain: Array<Change>; readonly lines: Array<string> }
  >()
  const blockOf = (nodes: ReadonlyArray<string>) => {
    const id = nodes.join("\n")
    const block = blocks.get(id) ?? { nodes, plain: [], lines: [] }
    blocks.set(id, block)
    return block
  }
  for (const [field, groups] of Map.groupBy(changed, ({ change }) => fieldOf(change))) {
    const [first] = groups
    if (field === undefined || first === undefined || groups.length <= few) {
      for (const { change, nodes } of groups) blockOf(nodes).plain.push(change)
      continue
    }
    // One field that changes at many nodes, at each in another way: once, with an example.
    blockOf([...new Set(groups.flatMap(({ nodes }) => nodes))]).lines.push(
      `${field} changed in ${groups.length.toLocaleString("en")} ways; at ${first.nodes[0] ?? ""}:`,
      indent(changeText(first.change), 2),
    )
  }
  return [...blocks.values()].map(({ nodes, plain, lines }) => ({ nodes, lines: [...changeTexts(plain), ...lines] }))
}

/** The field that a change is of, where nodes have values of their own in it. */
const fieldOf = (change: Change): string | undefined =>
  change._tag === "ParamChanged"
    ? `param ${change.path}`
    : change._tag === "Rewired"
    ? `input ${change.role}`
    : undefined

/** Changes of some nodes; many files or modules stand in a line. */
const changeTexts = (changes: ReadonlyArray<Change>): ReadonlyArray<string> => {
  const kinds = Map.groupBy(changes, kindOf)
  return [...kinds].flatMap(([kind, of]) =>
    kind === undefined || of.length <= few
      ? [...Map.groupBy(of, valueOf).values()].flatMap(alikeTexts)
      : [`${kind}: ${some(of.map(nameOf))}`]
  )
}

/** What a param was and is, which may be the same of several: one value that stands in many places. */
const valueOf = (change: Change): unknown =>
  change._tag === "ParamChanged" ? JSON.stringify([change.before, change.after, change.origin]) : change

const alikeTexts = ([first, ...others]: ReadonlyArray<Change>): ReadonlyArray<string> => {
  if (first === undefined) return []
  const paths = others.flatMap((change) => (change._tag === "ParamChanged" ? [change.path] : []))
  return [changeText(first), ...(paths.length === 0 ? [] : [`the same of param ${some(paths)}`])]
}

const kindOf = (change: Change): string | undefined =>
  change._tag === "PartChanged" ? `code ${change.change}` : change._tag === "FileChanged" ? "files differ" : undefined

const nameOf = (change: Change): string =>
  change._tag === "PartChanged" ? change.part : change._tag === "FileChanged" ? change.name : change._tag

const changeText = (change: Change): string => change._tag === "Rewired" ? rewiredText(change) : reasonText(change)

const rewiredText = ({ role, before, after, gone, come }: Rewired): string => {
  const input = `input ${role}`
  if (gone.length > 0 && come.length > 0) return `${input} comes from ${some(come)} instead of ${some(gone)}`
  if (come.length > 0) return `${input} also comes from ${some(come)}`
  if (gone.length > 0) return `${input} no longer comes from ${some(gone)}`
  return before === after ? `${input} comes in another order` : `${input} has ${before} artifacts -> ${after}`
}
