import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { relative } from "node:path"
import { type Digest, isDigest } from "../../base/digest.ts"
import { counted, duration, number, some } from "../../base/text.ts"
import { columns, paint } from "../../report/terminal.ts"
import { livingIn } from "../../store/living.ts"
import { heldBy } from "../../store/repair/held.ts"
import { type Remade, remadeBy } from "../../store/repair/remade.ts"
import { damagedFiles, type Repaired, repairStore } from "../../store/repair/repair.ts"
import { Store } from "../../store/store.ts"
import type { Finding } from "../../store/verify/finding.ts"
import { type Verified, verifyStore } from "../../store/verify/verify.ts"
import { declared } from "../declared.ts"
import { exitCodes } from "../exit-codes.ts"
import { jsonFlag, noteNoStore } from "../project.ts"
import { findingText, nameText } from "../text/findings.ts"
import { makeMeter } from "../text/meter.ts"
import { print, printJson } from "../text/output.ts"

/** `dag repair`: moves what is damaged out of the way, so that the next run makes it again. */
export const repair = Command.make("repair", {
  json: jsonFlag,
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Print what would be moved, and change nothing"),
    Flag.withDefault(false),
  ),
}, ({ json, dryRun }) =>
  Effect.gen(function*() {
    const { layout } = yield* Store
    const meter = makeMeter("checked")
    const verified = yield* Effect.ensuring(verifyStore(meter.advanced, yield* declared), meter.close)
    yield* noteNoStore
    const isHeld = heldBy(yield* livingIn, layout)
    const damaged = damagedFiles(verified.findings)
    const repaired: Repaired = dryRun
      ? {
        moved: damaged.filter((each) => !isHeld(each)),
        restored: [],
        left: damaged.filter(isHeld),
        changed: [],
        folder: undefined,
      }
      : yield* repairStore(verified, isHeld)
    const remade = yield* whatIsRemade(verified)
    const isUnread = verified.findings.some(({ state }) => state === "unreadable")
    if (repaired.left.length > 0 || isUnread) process.exitCode = exitCodes.found
    if (json) {
      yield* printJson({ dryRun, ...repaired, remade })
      return
    }
    for (const finding of repaired.moved) {
      const { path, problem } = finding
      const end = repaired.restored.includes(finding) ? "; its other lines stay" : ""
      yield* print(`${dryRun ? "would move" : "moved"}  ${nameText(path)} ${problem}${end}`)
    }
    for (const { path } of repaired.changed) {
      yield* print(`sound  ${nameText(path)} was written again meanwhile, or is gone`)
    }
    for (const finding of repaired.left) yield* print(`left   ${nameText(finding.path)}: a process uses it`)
    for (const finding of verified.findings) {
      if (finding.state !== "damaged" && finding.kind !== "suspect") yield* print(findingText(finding))
    }
    yield* print(summaryText(repaired, verified.findings, dryRun, relative(layout.folder, repaired.folder ?? "")))
    if (remade.length > 0) yield* print(remadeText(remade))
  })).pipe(Command.withDescription(
    "Move what is damaged into the store's folder quarantine/ and say what dag run then makes again. Exit code 3: a process uses some of it, or the disk does not give some files; run again later; 0: all else, also where records lack objects, which dag run makes again",
  ))

const summaryText = (
  { moved, left }: Repaired,
  findings: ReadonlyArray<Finding>,
  dryRun: boolean,
  folder: string,
): string => {
  if (moved.length + left.length === 0) {
    const rest = restText(findings)
    return rest.length === 0
      ? paint.green("Nothing is damaged.")
      : paint.yellow(`Nothing is to be moved; ${rest.join("; ")}.`)
  }
  return dryRun
    ? `${counted(moved.length, "file")} would be moved.`
    : `${counted(moved.length, "file")} moved${moved.length > 0 ? ` to ${folder} in the store` : ""}.`
}

/** What is not in order and cannot be put in order by moving a file. */
const restText = (findings: ReadonlyArray<Finding>): ReadonlyArray<string> => {
  const count = (state: Finding["state"]) =>
    new Set(findings.filter((each) => each.state === state).map(({ path }) => path)).size
  const [unread, incomplete] = [count("unreadable"), count("incomplete")]
  return [
    ...(unread === 0 ? [] : [`the disk does not give ${counted(unread, "file")}`]),
    ...(incomplete === 0
      ? []
      : [
        `${counted(incomplete, "record")} ${incomplete === 1 ? "lacks" : "lack"} objects: dag run makes them again`,
      ]),
  ]
}

const remadeText = (remade: ReadonlyArray<Remade>): string =>
  `\ndag run makes this again, where a profile has it:\n${
    columns(
      ["stage", ">actions", ">time", "nodes"],
      remade.map(({ stage, nodes, milliseconds }) => [
        stage,
        number(nodes.length),
        milliseconds === undefined ? "not known" : duration(milliseconds),
        some(nodes),
      ]),
    )
  }`

/** What is made again, with the nodes of lost records by what profiles last had. */
const whatIsRemade = Effect.fnUntraced(function*(verified: Verified) {
  const store = yield* Store
  const nodes = new Map<Digest, string>()
  for (const profile of yield* store.profiles) {
    for (const [node, key] of yield* store.heads(profile)) nodes.set(key, node)
  }
  const keyOf = ({ path }: Finding): Digest | undefined => {
    const key = store.layout.records.nameOf(path.slice(path.indexOf("/") + 1))
    return isDigest(key) ? key : undefined
  }
  return remadeBy(verified, (key) => nodes.get(key), keyOf)
})
