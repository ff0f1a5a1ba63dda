import { short } from "../../base/digest.ts"
import { counted, duration, indent, number, some } from "../../base/text.ts"
import type { ActionFacts } from "../../report/action.ts"
import { paint } from "../../report/terminal.ts"
import { actionText, paramLines } from "./action.ts"
import { warningText } from "./node.ts"

/** Up to this many actions of a stage are printed one by one. */
const most = 3

/**
 * A lineage as blocks of text, its first action whole. Of a stage with many actions the rest is one block that says what
 * they have in common, unless `all`.
 */
export const lineageTexts = (actions: ReadonlyArray<ActionFacts>, all: boolean): ReadonlyArray<string> => {
  if (all) return actions.map((action) => actionText(action, true))
  const [first, ...rest] = actions
  if (first === undefined) return []
  const texts = [...Map.groupBy(rest, ({ stage }) => stage)].flatMap(([stage, own]) =>
    own.length <= most ? own.map((action) => actionText(action, false)) : [groupText(stage, own)]
  )
  return [actionText(first, false), ...texts]
}

const groupText = (stage: string, actions: ReadonlyArray<ActionFacts>): string => {
  const sources = Map.groupBy(actions.flatMap(({ from }) => from), ({ role }) => role)
  const stagesOf = (role: string) => [
    ...new Set((sources.get(role) ?? []).map(({ maker }) => stageOf(maker?.node ?? "an unknown action"))),
  ]
  const files = new Set(actions.flatMap(({ files }) => files.map(({ name, digest }) => `${name} ${digest}`)))
  const codes = new Set(actions.map(({ code }) => short(code.digest)))
  const warnings = [...new Set(actions.flatMap(({ warnings }) => warnings))]
  const [earliest = "", latest = ""] = [
    actions.map(({ ran }) => ran.started).toSorted()[0],
    actions.map(({ ran }) => ran.started).toSorted().at(-1),
  ]
  const took = actions.reduce((sum, { ran }) => sum + ran.milliseconds, 0)
  const lines = [
    ...warnings.map(warningText),
    `nodes    ${some(actions.map(({ node }) => node), 3)}`,
    ...[...sources.keys()].map((role) => `from     ${role}: ${stagesOf(role).join(", ")}`),
    ...(files.size === 0 ? [] : [`files    ${number(files.size)}`]),
    ...paramsText(actions),
    `code     ${
      codes.size === 1 ? `digest ${[...codes].join("")}` : `${number(codes.size)} digests: ${some([...codes])}`
    }`,
    `ran      ${earliest} to ${latest}, ${duration(took)} in all`,
  ]
  return `${paint.bold(`${stage} x ${number(actions.length)}`)}  ${paint.dim("--all prints each")}\n${
    indent(lines.join("\n"), 2)
  }`
}

/** Params that are the same everywhere with their value, the others with how many values they have. */
const paramsText = (actions: ReadonlyArray<ActionFacts>): ReadonlyArray<string> => {
  const values = new Map<string, Map<string, number>>()
  for (const { params } of actions) {
    for (const [name, value] of Object.entries(params)) {
      for (const line of paramLines(name, value)) {
        const cut = line.indexOf(" = ")
        const own = values.get(line.slice(0, cut)) ?? new Map<string, number>()
        own.set(line.slice(cut + 3), (own.get(line.slice(cut + 3)) ?? 0) + 1)
        values.set(line.slice(0, cut), own)
      }
    }
  }
  const isShared = (own: ReadonlyMap<string, number>) => own.size === 1 && [...own.values()][0] === actions.length
  const shared = [...values].filter(([, own]) => isShared(own)).map(([name, own]) =>
    `param    ${name} = ${[...own.keys()].join("")}`
  )
  const others = [...values].filter(([, own]) => !isShared(own)).map(([name, own]) =>
    `${name} (${counted(own.size, "value")})`
  )
  return [...shared, ...(others.length === 0 ? [] : [`params   that differ: ${some(others, 8)}`])]
}

const stageOf = (node: string): string => node.split("/", 1)[0] ?? node
