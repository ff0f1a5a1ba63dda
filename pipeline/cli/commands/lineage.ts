import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { short } from "../../base/digest.ts"
import { bytes, counted, duration, indent } from "../../base/text.ts"
import { modulesOf } from "../../identity/code.ts"
import { paint } from "../../report/terminal.ts"
import { type Ancestor, lineages } from "../../status/lineage.ts"
import { recordsOf, snapshotOf } from "../../status/snapshot.ts"
import { locate } from "../artifact.ts"
import { graphOf, jsonFlag, profileFlag } from "../project.ts"
import { print, printJson } from "../text/output.ts"

/** `dag lineage NODE|DIGEST`: what an artifact was made from, back to the raw files. */
export const lineage = Command.make("lineage", {
  artifact: Argument.String("node|digest").pipe(
    Argument.withDescription("A node, one of its outputs as node:output, or the beginning of a digest"),
  ),
  profile: profileFlag,
  json: jsonFlag,
}, ({ artifact, profile, json }) =>
  Effect.gen(function*() {
    const graph = yield* graphOf(profile)
    const { record } = yield* locate(graph, artifact)
    const lineageOf = yield* lineages(recordsOf(yield* snapshotOf(graph)))
    const ancestors = yield* lineageOf(record)
    if (json) {
      yield* printJson(ancestors)
      return
    }
    const names = new Map(ancestors.map(({ record }) => [record.key, record.node]))
    for (const ancestor of ancestors) yield* print(`${tellAncestor(ancestor, names)}\n`)
  })).pipe(Command.withDescription("Trace an artifact back to the raw files, templates, code and packages"))

const tellAncestor = ({ record, code, sources }: Ancestor, names: ReadonlyMap<string, string>): string => {
  const { environment } = record
  const lines: Array<string> = []
  for (const [name, output] of Object.entries(record.outputs)) {
    lines.push(
      `made     ${name}: ${output.artifact}, ${output.rows} rows, ${bytes(output.size)}, sha256 ${output.digest}`,
    )
  }
  for (const { role, digest, key } of sources) {
    const maker = key === undefined ? "an action that the store has no record of" : names.get(key) ?? short(key)
    lines.push(`from     ${role}: ${maker}, sha256 ${short(digest)}`)
  }
  for (const file of record.files.slice(0, 4)) {
    lines.push(`file     ${file.role}: ${file.name}, ${bytes(file.size)}, sha256 ${file.digest}`)
  }
  if (record.files.length > 4) lines.push(`file     and ${record.files.length - 4} more (--json lists them)`)
  for (const [name, value] of Object.entries(record.preImage.params)) {
    lines.push(...tellParam(`param    ${name}`, value))
  }
  if (code !== undefined) {
    const [declarations, modules] = [Object.keys(code.parts).length, modulesOf(code).length]
    lines.push(
      `code     ${counted(declarations, "declaration")} of ${
        counted(modules, "module")
      } from stages/${record.preImage.stage}/stage.ts, digest ${short(record.preImage.code)}`,
    )
    const packages = Object.entries(code.packages).map(([name, { version }]) => `${name} ${version}`)
    if (packages.length > 0) lines.push(`packages ${packages.join(", ")}`)
  }
  const commit = environment.commit === null
    ? ""
    : `, commit ${short(environment.commit)}${environment.dirty ? " with edits" : ""}`
  lines.push(
    `ran      ${record.started}, ${
      duration(record.milliseconds)
    }, on ${environment.host} (${environment.platform}, node ${environment.versions["node"]})${commit}`,
  )
  return `${paint.bold(record.node)}  ${paint.dim(`key ${short(record.key)}`)}\n${indent(lines.join("\n"), 2)}`
}

/** A param on a line of its own; one that holds others, such as a template, line by line. */
const tellParam = (name: string, value: unknown): ReadonlyArray<string> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, inner]: [string, unknown]) => tellParam(`${name}.${key}`, inner))
    : [`${name} = ${JSON.stringify(value)}`]
