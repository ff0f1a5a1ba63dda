import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { InputError } from "../../base/errors.ts"
import { counted, number, some } from "../../base/text.ts"
import { keyIdOf } from "../../report/proof/envelope.ts"
import { allHold, checkSignatures, standingText } from "../../report/proof/signatures.ts"
import { paint } from "../../report/terminal.ts"
import { audit, type Audited } from "../../run/audit.ts"
import { finishedOf, leftOutOf } from "../../run/sample.ts"
import { ReadsRecords } from "../../status/at-a-glance.ts"
import { HashesFiles } from "../../status/file-digests.ts"
import { acceptedIn, snapshotOf } from "../../status/snapshot.ts"
import { type Verdict, verdictOf } from "../../store/verify/finding.ts"
import { type Verified, verifyStore } from "../../store/verify/verify.ts"
import { declared } from "../declared.ts"
import { exitCodes } from "../exit-codes.ts"
import { graphOf, jsonFlag, noteNoStore, profileFlag, Project } from "../project.ts"
import { IsOfRemote } from "../remote.ts"
import { signedNow } from "../root-now.ts"
import { publicKeyFrom } from "../sign.ts"
import { auditedText } from "../text/audit.ts"
import { checkedText, findingText } from "../text/findings.ts"
import { makeLine, makeMeter } from "../text/meter.ts"
import { print, printJson, printNote } from "../text/output.ts"

/** The exit code of each verdict. */
const codes: Readonly<Record<Verdict, number>> = {
  sound: exitCodes.done,
  damaged: exitCodes.found,
  foreign: exitCodes.foreign,
}

/** What took longer is left to dag audit, in milliseconds. */
const CHEAP = 10_000

/** What executing again came to, and how many actions or nodes it could not be done for, by the reason. */
interface Recomputed {
  readonly audited: ReadonlyArray<Audited>
  readonly notCompared: Readonly<Record<string, number>>
}

/** Says where objects are that are not here: they were not looked at. */
const noteElsewhere = ({ addresses, objects }: Verified["elsewhere"]) =>
  printNote(
    `${counted(objects.size, "object")} of this store ${objects.size === 1 ? "is" : "are"} in ${
      some([...addresses])
    } alone, and no remote is named now: set DAG_REMOTE to read them, or check the remote with --remote`,
  )

const notRecomputed: Recomputed = { audited: [], notCompared: {} }

/** Executes the cheap nodes of a profile again that are up to date. */
const recomputed = Effect.fnUntraced(function*(profile: string) {
  const project = yield* Project
  const graph = yield* graphOf(profile)
  const snapshot = yield* snapshotOf(graph).pipe(
    Effect.provideService(ReadsRecords, true),
    Effect.provideService(HashesFiles, true),
  )
  const names = new Set(graph.nodes.keys())
  const [cheap, dear] = partition(finishedOf(snapshot, names), ({ record }) => record.milliseconds <= CHEAP)
  const [here, gpu] = partition(cheap, ({ record }) => record.resources.gpu === 0)
  const line = makeLine()
  const audited = yield* Effect.forEach(
    here,
    (each, index) =>
      Effect.andThen(
        line.show(() => `executed again: ${number(index)} of ${number(here.length)}`),
        audit(snapshot, each, project, () => Effect.void),
      ),
  ).pipe(Effect.ensuring(line.close))
  const { damaged, notUpToDate } = leftOutOf(snapshot, names)
  const count = (tag: Audited["verdict"]["_tag"]) => audited.filter(({ verdict }) => verdict._tag === tag).length
  const notCompared = {
    "took more than ten seconds": dear.length,
    "used a GPU": gpu.length,
    "not up to date": notUpToDate.length,
    "with accepted changes": acceptedIn(snapshot).length,
    "damaged or gone": damaged.length + count("Damaged"),
    "in need of what dag gc removed": count("Released"),
    "failed now": count("Failed"),
  }
  return { audited, notCompared } satisfies Recomputed
})

const partition = <A>(all: ReadonlyArray<A>, isFirst: (each: A) => boolean) =>
  [all.filter(isFirst), all.filter((each) => !isFirst(each))] as const

/** How many could not be compared, and why; undefined where all were. */
const notComparedText = (notCompared: Recomputed["notCompared"]): string | undefined => {
  const reasons = Object.entries(notCompared).filter(([, count]) => count > 0)
  const total = reasons.reduce((sum, [, count]) => sum + count, 0)
  return total === 0
    ? undefined
    : `${number(total)} not compared: ${reasons.map(([why, count]) => `${number(count)} ${why}`).join(", ")}.`
}

/** The last line where files are what was written, and signatures are not in order. */
const forgedText = (files: string, hold: boolean): string =>
  `${files} checked and sound, but ${
    hold
      ? "the results are not signed by this key"
      : "a signature does not hold. Find out what changed; remove its file in signatures/ if it is of no use"
  }: see above.`

const onlyHere = (field: string) =>
  Effect.fail(
    new InputError({
      field,
      message: "cannot be given together with --remote",
      help: "leave one of them out: the store here is checked without --remote",
    }),
  )

const onlyThere = Effect.fail(
  new InputError({
    field: "--content",
    message: "needs --remote",
    help: "leave it out: of the store here every byte is read in any case",
  }),
)

/** `dag verify`: whether every file of the store is what was written. */
export const verify = Command.make("verify", {
  profile: profileFlag,
  json: jsonFlag,
  recompute: Flag.Boolean("recompute").pipe(
    Flag.withDescription("Execute again, apart from the store, what took ten seconds or less, and compare"),
    Flag.withDefault(false),
  ),
  key: Flag.String("key").pipe(
    Flag.withDescription("The file of a public key: it must have signed the results as they are now"),
    Flag.optional,
  ),
  content: Flag.Boolean("content").pipe(
    Flag.withDescription("With --remote: read every object there as well, which takes as long as pulling all of them"),
    Flag.withDefault(false),
  ),
}, ({ profile, json, recompute, key: keyFile, content }) =>
  Effect.gen(function*() {
    if (yield* IsOfRemote) {
      if (recompute || Option.isSome(keyFile)) return yield* onlyHere(recompute ? "--recompute" : "--key")
      const { verifyThere } = yield* Effect.promise(() => import("../verify-there.ts"))
      process.exitCode = codes[yield* verifyThere(json, content)]
      return
    }
    if (content) return yield* onlyThere
    const key = Option.isSome(keyFile) ? keyIdOf(yield* publicKeyFrom(keyFile.value)) : undefined
    const meter = makeMeter("checked")
    const report = yield* Effect.ensuring(verifyStore(meter.advanced, yield* declared), meter.close)
    const signatures = yield* checkSignatures
    const asked = key === undefined ? undefined : yield* signedNow(yield* graphOf(profile), signatures, key)
    const isForged = !allHold(signatures) || asked?.holds === false
    const { audited: again, notCompared } = recompute ? yield* recomputed(profile) : notRecomputed
    const different = again.filter((each) => each.verdict._tag === "Differs").map(({ node }) => node)
    const isDamaged = different.length > 0 || again.some((each) => each.verdict._tag === "Damaged")
    const failed = again.filter((each) => each.verdict._tag === "Failed").map(({ node }) => node)
    const verdict = verdictOf(report)
    process.exitCode = isDamaged || isForged || verdict === "damaged"
      ? codes.damaged
      : failed.length > 0
      ? exitCodes.failed
      : codes[verdict]
    yield* noteNoStore
    if (report.elsewhere.objects.size > 0) yield* noteElsewhere(report.elsewhere)
    if (json) {
      yield* printJson({
        verdict: isDamaged || isForged ? "damaged" : verdict,
        checked: Object.fromEntries(report.checked),
        findings: report.findings,
        signatures,
        ...(asked === undefined ? {} : { signedNow: { ...asked, root: asked.root ?? null } }),
        ...(recompute
          ? { recomputed: again.map(({ node, verdict: { _tag } }) => ({ node, verdict: _tag })), notCompared }
          : {}),
      })
      return
    }
    yield* print(checkedText(report))
    for (const finding of report.findings) yield* print(findingText(finding))
    for (const each of signatures) {
      const text = `signature  ${each.name} ${standingText(each)}`
      yield* print(each.checked._tag === "Holds" ? text : paint.red(text))
    }
    if (asked !== undefined) {
      yield* print(asked.holds ? `signature  ${asked.text}` : paint.red(`signature  ${asked.text}`))
    }
    for (const each of again) if (each.verdict._tag !== "Same") yield* print(auditedText(each))
    if (recompute) {
      const same = again.filter((each) => each.verdict._tag === "Same").length
      yield* print(`${counted(again.length, "action")} executed again: ${number(same)} made the same.`)
      const left = notComparedText(notCompared)
      if (left !== undefined) yield* print(`${left} dag audit NODE executes any that is up to date.`)
    }
    const files = [...report.checked.values()].reduce((sum, each) => sum + each.files, 0)
    const count = (...states: ReadonlyArray<string>) =>
      report.findings.filter(({ state }) => states.includes(state)).length
    yield* print(
      isForged && verdict !== "damaged" ? paint.red(forgedText(counted(files, "file"), allHold(signatures))) : {
        sound: paint.green(`Sound: ${counted(files, "file")} checked.`),
        damaged: paint.red(
          `Damaged: ${counted(count("damaged", "unreadable", "incomplete"), "file")} of ${number(files)}. ${
            count("unreadable") > 0
              ? "Check the disk and the system's log. Remove what stays unreadable, then run dag run"
              : count("damaged") > 0
              ? "Run dag repair, then dag run"
              : "Run dag run: it makes again what is not there"
          }.`,
        ),
        foreign: paint.yellow(
          `Sound, with ${counted(count("foreign"), "file")} that no such store has: none is read. Move them away.`,
        ),
      }[verdict],
    )
    if (failed.length > 0) {
      yield* print(
        paint.yellow(
          `${number(failed.length)} failed now and could not be compared: ${some(failed)}. See the reasons above.`,
        ),
      )
    }
    if (different.length > 0) {
      yield* print(paint.red(
        `${number(different.length)} ${different.length === 1 ? "differs" : "differ"}: ${
          some(different)
        }. Nothing that was made from ${
          different.length === 1 ? "it" : "them"
        } is sure to come out again. See the reasons above, fix the stage, then run dag run.`,
      ))
    }
  })).pipe(Command.withDescription(
    "Check that every file of the store is what was written; nothing is changed. Exit code 0: sound, 3: damaged, or a signature does not hold, 4: only files that do not belong to a store, 1: with --recompute, something failed",
  ))
