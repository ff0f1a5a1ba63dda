import { short } from "../../base/digest.ts"
import { bytes, counted, duration, indent, number } from "../../base/text.ts"
import type { ActionFacts } from "../../report/action.ts"
import { paint } from "../../report/terminal.ts"
import { acceptanceText, warningText } from "./node.ts"

/** Up to this many files are printed one by one. */
const most = 4

/** An action: what it made, from what, with which params and code, and where it ran. */
export const actionText = (action: ActionFacts): string => {
  const { node, key, isCurrent, ranAs, accepted, made, from, files, params, warnings, ran } = action
  const { started, milliseconds, host, platform, version, commit } = ran
  const lines = [
    ...made.map(({ name, artifact, rows, size, digest }) =>
      `made     ${name}: ${artifact}, ${counted(rows, "row")}, ${bytes(size)}, sha256 ${digest}`
    ),
    ...from.map((source) => `from     ${source.role}: ${sourceText(source)}, sha256 ${short(source.digest)}`),
    ...files.slice(0, most).map(({ role, name, size, digest }) =>
      `file     ${role}: ${name}, ${bytes(size)}, sha256 ${digest}`
    ),
    ...(files.length > most ? [`file     and ${number(files.length - most)} more (--json lists all)`] : []),
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
const paramLines = (name: string, value: unknown): ReadonlyArray<string> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]: [string, unknown]) => paramLines(`${name}.${key}`, inner))
    : [`${name} = ${JSON.stringify(value)}`]
