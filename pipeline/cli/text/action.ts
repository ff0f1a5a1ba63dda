import { short } from "../../base/digest.ts"
import { bytes, counted, duration, indent, number, some } from "../../base/text.ts"
import type { ActionFacts } from "../../report/action.ts"
import { paint } from "../../report/terminal.ts"
import { acceptanceText, warningText } from "./node.ts"

/** Up to this many files, or sources of one role and stage, are printed one by one. */
const most = 4

/**
 * An action: what it made, from what, with which params and code, and where it ran. Many sources of one role and stage
 * are one line, and many files a few, unless `all`.
 */
export const actionText = (action: ActionFacts, all: boolean): string => {
  const { node, key, isCurrent, ranAs, accepted, made, from, files, params, warnings, ran } = action
  const { started, milliseconds, host, platform, version, commit } = ran
  const lines = [
    ...made.map(({ name, artifact, rows, size, digest }) =>
      `made     ${name}: ${artifact}, ${counted(rows, "row")}, ${bytes(size)}, sha256 ${digest}`
    ),
    ...sourceLines(from, all),
    ...files.slice(0, all ? undefined : most).map(({ role, name, size, digest }) =>
      `file     ${role}: ${name}, ${bytes(size)}, sha256 ${digest}`
    ),
    ...(!all && files.length > most ? [`file     and ${number(files.length - most)} more (--all lists them)`] : []),
    ...Object.entries(params).flatMap(([name, value]) => paramLines(`param    ${name}`, value)),
    ...codeLines(action),
    `ran      ${started}, ${duration(milliseconds)}, on ${host} (${platform}, node ${version})${
      commit === undefined ? "" : `, commit ${commit.digest.slice(0, 10)}${commit.dirty ? " with edits" : ""}`
    }`,
  ]
  const now = isCurrent ? "" : ", which no node of this profile has now"
  const notes = [
    ...warnings.map(warningText),
    ...(accepted === undefined ? [] : [acceptanceText(accepted)]),
    ...(ranAs === undefined
      ? []
      : [`ran as   ${ranAs.node}${ranAs.profile === undefined ? "" : ` of profile ${ranAs.profile}`}`]),
  ]
  return `${paint.bold(node)}  ${paint.dim(`key ${short(key)}${now}`)}\n${indent([...notes, ...lines].join("\n"), 2)}`
}

/** A line for each source; of many of one role that are what their nodes have now, a line for each stage. */
const sourceLines = (from: ActionFacts["from"], all: boolean): ReadonlyArray<string> => {
  const line = (source: ActionFacts["from"][number]) =>
    `from     ${source.role}: ${sourceText(source)}, sha256 ${short(source.digest)}`
  if (all) return from.map(line)
  const groups = Map.groupBy(from, (source) =>
    // What has something to be said of it is never folded.
    source.bytes === "now" && source.first === undefined
      ? `${source.role}: ${(source.wired ?? "").split("/", 1)[0]}`
      : source)
  return [...groups].flatMap(([group, own]) =>
    typeof group !== "string" || own.length <= most
      ? own.map(line)
      : [`from     ${group} x ${number(own.length)}: ${some(own.map(({ wired }) => wired ?? ""), 3)}`]
  )
}

/** The node that an artifact came from by the wires of the graph, and whose bytes were taken where it has other ones. */
const sourceText = ({ wired, bytes, maker, first }: ActionFacts["from"][number]): string => {
  const by = maker === undefined ? "an action that the store has no record of" : makerText(maker)
  switch (bytes) {
    case "now":
      return `${wired ?? ""}${first === undefined ? "" : ` (bytes first made by ${makerText(first)})`}`
    case "before":
      return `other bytes than ${wired ?? ""} has now, made by ${by}`
    case "unwired":
      return `${by}, which nothing is wired to now`
  }
}

const makerText = ({ node, key }: { readonly node: string; readonly key: string }): string =>
  `action ${short(key)} of ${node}`

const codeLines = ({ stage, code: { digest, description } }: ActionFacts): ReadonlyArray<string> => {
  if (description === undefined) {
    return [
      `code     digest ${short(digest)}; its description is gone or damaged: a run that uses this code writes it again`,
    ]
  }
  const { declarations, packages } = description
  const modules = new Set(declarations.map(([name]) => name.slice(0, name.lastIndexOf(": "))))
  return [
    `code     ${counted(declarations.length, "declaration")} of ${
      counted(modules.size, "module")
    } from stages/${stage}/stage.ts, digest ${short(digest)}`,
    ...(packages.length === 0
      ? []
      : [`packages ${packages.map(([name, version]) => `${name} ${version}`).join(", ")}`]),
  ]
}

/** A param on a line of its own; one that holds others, such as a template, line by line. */
export const paramLines = (name: string, value: unknown): ReadonlyArray<string> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]: [string, unknown]) => paramLines(`${name}.${key}`, inner))
    : [`${name} = ${JSON.stringify(value)}`]
