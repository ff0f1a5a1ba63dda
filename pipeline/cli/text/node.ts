import { stripVTControlCharacters } from "node:util"
import { short } from "../../base/digest.ts"
import { bytes, counted, duration, indent, number, some, wrapped } from "../../base/text.ts"
import { paint } from "../../report/terminal.ts"
import type { Conflict } from "../../status/conflicts.ts"
import type { Basis, Duration } from "../../status/durations.ts"
import type { MissingFiles } from "../../status/forecast.ts"
import type { Counts, NodeSnapshot } from "../../status/snapshot.ts"
import type { Status } from "../../status/status.ts"
import type { Accepted } from "../../store/accepted.ts"
import { reasonLines } from "./reasons.ts"

/** A node of a plan: what a run would do with it, how long that is expected to take, and each reason. */
export const nodeText = (
  { node: { name }, status }: NodeSnapshot,
  expected?: Duration,
  width: number | undefined = process.stdout.columns,
): string => {
  // What takes less than a second is not worth a word at each of many nodes.
  const time = expected === undefined || expected.milliseconds < 1000
    ? []
    : [`about ${duration(expected.milliseconds)} (${basisText({ ...expected.basis, isHere: expected.isHere })})`]
  const withReasons = (head: string, lines: ReadonlyArray<string>) =>
    [head, ...lines.map((line) => indent(line, 11))].join("\n")
  /** What is said of a node stands beside its name, or below where a terminal has no room there. */
  const noted = (head: string, notes: string): string =>
    notes === ""
      ? head
      : width === undefined || stripVTControlCharacters(head).length + 2 + notes.length <= width
      ? `${head}  ${paint.dim(notes)}`
      : [head, ...wrapped(notes, Math.max(20, width - 11)).map((line) => indent(paint.dim(line), 11))].join("\n")
  switch (status._tag) {
    case "Fresh": {
      const { frozen, accepted } = status
      const head = `${paint.green("up to date")} ${name}`
      if (frozen === true) return `${head}  ${paint.dim("stays as it last was, by --freeze")}`
      return accepted === undefined ? head : `${head}\n${indent(acceptanceText(accepted), 11)}`
    }
    case "WillRun": {
      const { after, action, reasons } = status
      const note = action?.unfinished === true
        ? ["goes on from an unfinished execution"]
        : after.length > 0
        ? [`after ${some(after)}`]
        : []
      const notes = [...note, ...time].join(", ")
      return withReasons(
        noted(`${paint.cyan("run")}      ${name}`, notes),
        reasonLines(reasons),
      )
    }
    case "MayRun":
      return withReasons(
        noted(`${paint.cyan("may run")}  ${name}`, [`after ${some(status.after)}`, ...time].join(", ")),
        reasonLines(status.reasons),
      )
    case "Missing":
      return `${paint.yellow("missing")}  ${name}\n${indent(missingText(status), 9)}`
    case "Blocked":
      return `${paint.yellow("blocked")}  ${name}  by ${some(status.by)}`
    case "Unneeded":
      return `${paint.yellow("unneeded")} ${name}  ${paint.dim(unneededText)}`
  }
}

/** Where the expected time of a node comes from. */
export const basisText = ({ isHere, ...basis }: Basis & { readonly isHere: boolean }): string => {
  const elsewhere = isHere ? "" : ", elsewhere"
  switch (basis._tag) {
    case "Speed":
      return `speed of ${counted(basis.of, "run")}${elsewhere}`
    case "LastTime":
      return `last time${elsewhere}`
    case "Mean":
      return `mean of ${counted(basis.of, "run")}${elsewhere}`
  }
}

/** Why a node does not run that could. */
export const unneededText = "all that takes input from it lacks files; it runs where it is named"

/** What a missing file set is, what of it is missing, and where to get it. */
export const missingText = (
  { set: { title, base, elsewhere, provenance }, names, unreadable = [] }: MissingFiles,
): string => {
  const pinned = typeof provenance?.sha256 === "object" ? provenance.sha256 : {}
  // Files whose digest is pinned are worth a line each; others fit side by side.
  const [known, unknown] = [names.filter((name) => name in pinned), names.filter((name) => !(name in pinned))]
  const facts = provenance === undefined ? [] : [
    ...(provenance.bytes > 0 ? [`about ${bytes(provenance.bytes)}`] : []),
    `licence: ${provenance.licence}`,
  ]
  return [
    paint.bold(title),
    ...(provenance === undefined ? [] : [`  from     ${provenance.where}`, `  facts    ${facts.join("; ")}`]),
    `  into     ${base}${elsewhere === undefined ? "" : ": the archive as it is, or unpacked"}`,
    ...known.map((name) => `  missing  ${name}\n           sha256 ${pinned[name]}`),
    ...(unknown.length > 0 ? [`  missing  ${some(unknown, 8)}`] : []),
    ...unreadable.map((each) => `  but      ${each}`),
  ].join("\n")
}

/** What was accepted for a node, and why. */
export const acceptanceText = ({ reason, when, as, differences }: Accepted): string =>
  [
    `accepted ${JSON.stringify(reason)} (${when.slice(0, 10)}): stands for action ${
      short(as)
    }, from which it differs by`,
    ...differences.map((line) => indent(line, 2)),
  ].join("\n")

/** How many nodes have accepted changes, and which. */
export const acceptedText = (accepted: ReadonlyArray<{ readonly node: string }>): string =>
  paint.yellow(
    `${counted(accepted.length, "node")} ${accepted.length === 1 ? "has" : "have"} accepted changes (${
      some(accepted.map(({ node }) => node))
    }): dag accept --list`,
  )

/** That an action made other bytes another time. */
export const conflictText = ({ node, key, outputs, host, started }: Conflict): string =>
  `${paint.red("conflict")} ${node}  executed another time it made other bytes of ${
    some(outputs.map(({ name }) => name))
  } (key ${short(key)}, ${started.slice(0, 19).replace("T", " ")} UTC on ${host}) than those that count`

/** What to do about conflicts. */
export const conflictHelp = "To have the bytes of another execution count: dag run NODE --force --replace"

/** The words for each status, in a table and in a sentence. */
export const statusWords: Readonly<Record<Status["_tag"], string>> = {
  Fresh: "up to date",
  WillRun: "will run",
  MayRun: "may run",
  Missing: "with missing files",
  Blocked: "blocked",
  Unneeded: "not needed",
}

/** A status as a table shows it. */
export const statusLabel = (tag: Status["_tag"]): string => {
  const colour = tag === "Fresh" ? paint.green : tag === "WillRun" || tag === "MayRun" ? paint.cyan : paint.yellow
  return colour(statusWords[tag])
}

/** "5 will run, 73 may run, 166 up to date": what there is none of is left out, but for the first and the third. */
export const countsText = (counts: Counts): string => {
  const part = (tag: Status["_tag"]) => `${number(counts[tag])} ${statusWords[tag]}`
  const ifAny = (tag: Status["_tag"]) => (counts[tag] === 0 ? [] : [part(tag)])
  return [
    paint.bold(part("WillRun")),
    ...ifAny("MayRun"),
    part("Fresh"),
    ...ifAny("Missing"),
    ...ifAny("Blocked"),
    ...ifAny("Unneeded"),
  ].join(", ")
}

/** What is suspicious in what an action was given. */
export const warningText = (text: string): string => `${paint.yellow("warning")}  ${text}`
