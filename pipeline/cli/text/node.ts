import { short } from "../../base/digest.ts"
import type { FileSet } from "../../graph/files.ts"
import type { Freshness } from "../../status/freshness.ts"
import type { Reason } from "../../status/reasons.ts"
import type { Failure } from "../../store/events.ts"
import { bytes, paint } from "./output.ts"

/** A reason to run as one line, or a few where a text changed. */
export const tellReason = (reason: Reason): string => {
  switch (reason._tag) {
    case "NeverRun":
      return "has not run"
    case "RecordDamaged":
      return `its record in the store ${reason.problem}`
    case "ObjectMissing":
      return `object ${short(reason.digest)} is gone from the store, or not whole`
    case "ParamChanged": {
      const at = reason.origin === undefined ? "" : ` (${reason.origin.file}:${reason.origin.line})`
      return `param ${reason.path} changed${at}${tellChange(reason.before, reason.after)}`
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
      return "a source file of the project changed, and its program imports one by a computed name"
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

const tellChange = (before: unknown, after: unknown): string => {
  const [old, now] = [written(before), written(after)]
  return old.length + now.length <= 60 && !old.includes("\n") && !now.includes("\n")
    ? `: ${old} -> ${now}`
    : `\n${paint.red(`- ${old}`)}\n${paint.green(`+ ${now}`)}`
}

const written = (value: unknown): string => (value === undefined ? "(none)" : JSON.stringify(value))

/** A few names and how many more. */
export const some = (names: ReadonlyArray<string>, most = 4): string =>
  names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`

/** Sets lines in under what they belong to. */
export const indent = (text: string, by: number): string =>
  text.split("\n").map((line) => " ".repeat(by) + line).join("\n")

/** A failure: where, what, and what to do. */
export const tellFailure = (failure: Failure): string => {
  const at = failure.file === undefined
    ? ""
    : `${failure.file}${failure.line === undefined ? "" : `:${failure.line}`}: `
  const field = failure.field === undefined ? "" : `${failure.field}: `
  return `${at}${field}${failure.message}\n${paint.cyan("help:")} ${failure.help}`
}

/** What a missing file set is, what of it is missing, and where to get it. */
export const tellMissing = (set: FileSet, names: ReadonlyArray<string>): string => {
  const { provenance } = set
  const pinned = typeof provenance?.sha256 === "object" ? provenance.sha256 : {}
  // Files whose digest is pinned are worth a line each; others fit side by side.
  const [known, unknown] = [names.filter((name) => name in pinned), names.filter((name) => !(name in pinned))]
  const facts = provenance === undefined ? [] : [
    ...(provenance.bytes > 0 ? [`about ${bytes(provenance.bytes)}`] : []),
    `licence: ${provenance.licence}`,
  ]
  return [
    paint.bold(set.title),
    ...(provenance === undefined ? [] : [`  from     ${provenance.where}`, `  facts    ${facts.join("; ")}`]),
    `  into     ${set.base}`,
    ...known.map((name) => `  missing  ${name}\n           sha256 ${pinned[name]}`),
    ...(unknown.length > 0 ? [`  missing  ${some(unknown, 8)}`] : []),
  ].join("\n")
}

/** One node of a plan: what would happen to it and each reason. */
export const tellNode = (node: string, state: Freshness): string => {
  switch (state._tag) {
    case "Fresh":
      return `${paint.green("up to date")} ${node}`
    case "Stale":
      return [
        `${paint.cyan("run")}      ${node}${
          state.unfinished ? `  ${paint.dim("goes on from an unfinished execution")}` : ""
        }`,
        ...state.reasons.map((reason) => indent(tellReason(reason), 11)),
      ].join("\n")
    case "Pending":
      return [
        `${paint.cyan("run")}      ${node}  ${paint.dim(`after ${some(state.on)}`)}`,
        ...state.reasons.map((reason) => indent(tellReason(reason), 11)),
      ].join("\n")
    case "Missing":
      return `${paint.yellow("missing")}  ${node}\n${indent(tellMissing(state.set, state.names), 9)}`
    case "Blocked":
      return `${paint.yellow("blocked")}  ${node}  by ${state.by}`
  }
}

/** How a node stands, for machines. */
export const forMachines = (state: Freshness): object => {
  switch (state._tag) {
    case "Fresh":
      return { state: "fresh", key: state.key }
    case "Stale":
      return { state: "stale", key: state.key, reasons: state.reasons, unfinished: state.unfinished }
    case "Pending":
      return { state: "pending", on: state.on, reasons: state.reasons }
    case "Missing":
      return { state: "missing", title: state.set.title, base: state.set.base, names: state.names }
    case "Blocked":
      return { state: "blocked", by: state.by }
  }
}
