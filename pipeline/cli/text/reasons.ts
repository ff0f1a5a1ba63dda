import { short } from "../../base/digest.ts"
import { number, some } from "../../base/text.ts"
import type { Code } from "../../identity/code.ts"
import { paint } from "../../report/terminal.ts"
import type { Reason } from "../../status/reasons.ts"

/** Up to this many reasons of a kind are printed one by one. */
const most = 6

/** Reasons, one a line or more; of many of one kind the first few. */
export const reasonLines = (reasons: ReadonlyArray<Reason>): ReadonlyArray<string> =>
  [...Map.groupBy(reasons, ({ _tag }) => _tag)].flatMap(([tag, own]) =>
    own.length <= most
      ? own.map(reasonText)
      : [...own.slice(0, most - 1).map(reasonText), `and ${number(own.length - most + 1)} more ${plural(tag)}`]
  )

/** Several reasons of one kind. */
const plural = (tag: Reason["_tag"]): string => {
  switch (tag) {
    case "ParamChanged":
      return "params (--json lists all)"
    case "FileChanged":
      return "files (--json lists all)"
    case "PartChanged":
      return "declarations (--json lists all)"
    case "PackageChanged":
      return "packages (--json lists all)"
    default:
      return "of this kind (--json lists all)"
  }
}

/** A reason to run as one line, or a few where a text changed. */
export const reasonText = (reason: Reason): string => {
  switch (reason._tag) {
    case "NeverRun":
      return "has not run"
    case "Forced":
      return "runs because of --force"
    case "Released":
      return "dag gc released what it made, and others need it"
    case "RecordDamaged":
      return `its record in the store ${reason.problem}`
    case "ObjectMissing":
      return `object ${short(reason.digest)} is ${objectProblems[reason.problem]}`
    case "ParamChanged": {
      const at = reason.origin === undefined ? "" : ` (${reason.origin.file}:${reason.origin.line})`
      return `param ${reason.path} changed${at}${changeText(reason.before, reason.after)}`
    }
    case "InputChanged":
      return reason.nodes.length > 0
        ? `input ${reason.role} has other content: ${some(reason.nodes)}`
        : `input ${reason.role} has ${reason.before.length} artifacts -> ${reason.after.length}, or another order`
    case "FileChanged":
      return `file ${reason.name} ${
        reason.before === undefined
          ? "is new"
          : reason.after === undefined
          ? "is gone"
          : `changed: sha256 ${short(reason.before)} -> ${short(reason.after)}`
      }`
    case "FilesReordered":
      return `the files of ${reason.role} are in another order`
    case "PartChanged":
      return `code ${reason.part} ${reason.change === "changed" ? "changed" : `was ${reason.change}`}`
    case "SourcesChanged":
      return `a source file of the project changed${reason.places.map((place) => `; ${coarseText(place)}`).join("")}`
    case "PackageChanged":
      return reason.before === reason.after
        ? `package ${reason.name} ${reason.after} has another package.json`
        : `package ${reason.name} ${reason.before ?? "(none)"} -> ${reason.after ?? "(none)"}`
    case "CodeChanged":
      return "its code changed"
    case "SchemaChanged":
      return `the columns of output ${reason.output} changed`
    case "StageChanged":
      return `stage ${reason.before} -> ${reason.after}`
    case "FormatChanged":
      return `redag's own format ${reason.before} -> ${reason.after}`
  }
}

const objectProblems: Readonly<Record<Extract<Reason, { readonly _tag: "ObjectMissing" }>["problem"], string>> = {
  gone: "gone from the store",
  damaged: "damaged",
  unlisted: "gone from the store, and its list of released files is damaged",
}

/** A place in the code of a node that makes its identity coarser than a declaration. */
export const coarseText = ({ file, line, why }: Code["coarse"][number]): string => `${file}:${line} ${why}`

const changeText = (before: unknown, after: unknown): string => {
  const [old, now] = [written(before), written(after)]
  if (old.length + now.length <= 60 && !old.includes("\n") && !now.includes("\n")) return `: ${old} -> ${now}`
  return Array.isArray(before) && Array.isArray(after)
    ? listChange(before, after)
    : `\n${paint.red(`- ${old}`)}\n${paint.green(`+ ${now}`)}`
}

/** The items of a list that were removed and added, each in a line; one that has a name by that alone. */
const listChange = (before: ReadonlyArray<unknown>, after: ReadonlyArray<unknown>): string => {
  const [old, now] = [before.map(written), after.map(written)]
  const removed = before.filter((_, place) => !now.includes(old[place] ?? ""))
  const added = after.filter((_, place) => !old.includes(now[place] ?? ""))
  if (removed.length === 0 && added.length === 0) return ": the same items in another order or number"
  const taken = new Set(removed.map(nameOf))
  const isChanged = (item: unknown): boolean => isNamed(item) && taken.has(nameOf(item))
  const changed = new Set(added.filter(isChanged).map(nameOf))
  return [
    ...removed.map(nameOf).filter((name) => !changed.has(name)).map((name) => paint.red(`- ${name}`)),
    ...[...changed].map((name) => `${name} changed (--json has all of it)`),
    ...added.filter((item) => !isChanged(item)).map((item) => paint.green(`+ ${nameOf(item)}`)),
  ].map((line) => `\n${line}`).join("")
}

const isNamed = (item: unknown): item is { readonly name: string } =>
  typeof item === "object" && item !== null && "name" in item && typeof item.name === "string"

const nameOf = (item: unknown): string => (isNamed(item) ? item.name : written(item))

const written = (value: unknown): string => (value === undefined ? "(none)" : JSON.stringify(value))
