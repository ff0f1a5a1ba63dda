import { Effect, Layer } from "effect"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { type ThreadAhead, threadAhead } from "../execute/new-thread.ts"
import { type Declaration, declarationOf } from "../graph/declare.ts"
import { type FileSet, findFiles } from "../graph/files.ts"
import type { Filters } from "../graph/filters.ts"
import * as Programs from "../identity/programs.ts"
import { type Changed, sinceThen } from "../status/changed.ts"
import { freshPlanOf, onlySmall } from "../status/fresh-plans.ts"
import { makeDigests } from "../store/digests.ts"
import * as Disk from "../store/disk.ts"
import { type Layout, layoutOf } from "../store/layout.ts"
import { profileIn, remoteAddress, settingOf, storeFolder } from "./settings.ts"
import { areOfView, reading, shownAgain } from "./shown-again.ts"
import type { Started } from "./started.ts"
import { outliveStreams } from "./streams.ts"
import { print } from "./text/output.ts"
import { summaryText } from "./text/summary.ts"

/** What a run was asked for in so many words. */
interface Asked {
  readonly profile: string
  readonly filters: Filters
}

/** Flags that make no difference to a run with nothing to do. */
const idle: ReadonlySet<string> = new Set(["-y", "--yes", "--verbose", "-k", "--keep-going"])

/** What the words after "run" ask for; undefined where they say more than which profile. */
const askedIn = (words: ReadonlyArray<string>, filters: ReadonlyArray<string>): Asked | undefined => {
  const given = new Map<string, string>()
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (idle.has(word)) continue
    const name = word.replace(/^--/u, "")
    const value = words[++at]
    if (word === name || (name !== "profile" && !filters.includes(name)) || given.has(name)) return undefined
    if (value === undefined || value === "" || value.startsWith("-")) return undefined
    given.set(name, value)
  }
  const profile = given.get("profile") ?? ""
  given.delete("profile")
  return { profile, filters: given }
}

/** What came of looking whether a run has nothing to do. */
export interface Looked {
  readonly isDone: boolean
  /** What the profile declares, where its function was run: it is run once. */
  readonly declaration?: Declaration
  /** What there is to look at, where that is only some of the nodes. */
  readonly changed?: Changed
  /** A thread for a stage of what changed: it starts while the command is loaded. */
  readonly ahead?: ThreadAhead
}

/**
 * Runs a run that has nothing to do, by what the last run remembered. Nothing was done where it is not such a run, and
 * nothing was said: whatever is wrong is for the command to say.
 */
export const runAtOnce = async (words: ReadonlyArray<string>, started: Started): Promise<Looked> => {
  const began = Date.now()
  let declaration: Declaration | undefined
  const look = stillFresh(words, started, (declared) => {
    declaration = declared
  })
  const found = await Effect.runPromise(Effect.catchCause(Effect.scoped(look), () => Effect.succeed(undefined)))
  if (found === undefined || "changed" in found) {
    return {
      isDone: false,
      ...(declaration === undefined ? {} : { declaration }),
      ...found,
      ...(found?.changed !== undefined && wantsThread(found.changed, started.root)
        ? { ahead: threadAhead(started.build) }
        : {}),
    }
  }
  outliveStreams(false)
  const none = { executed: 0, failed: 0, missing: 0, blocked: 0, leftOut: 0, unneeded: 0, notStarted: 0 }
  await Effect.runPromise(print(summaryText({ ...none, cached: found.nodes }, Date.now() - began)))
  if (found.text !== undefined) await Effect.runPromise(print(`\n${found.text}`))
  return { isDone: true }
}

/** Whether a stage of what changed will run in a thread here: a remote may have what it made, and a cluster run it. */
const wantsThread = ({ affected, declaration: { nodes } }: Changed, root: string): boolean =>
  remoteAddress() === undefined && settingOf("DAG_EXECUTOR") === undefined && !existsSync(join(root, "slurm.yaml"))
  && [...affected].some((at) => nodes[at]?.stage.isolation === "inline")

/** Whether something that was recorded here is to be pushed to the remote, which is more than nothing to do. */
const isOwing = Effect.fnUntraced(function*(disk: Disk.Disk["Service"], layout: Layout) {
  const address = remoteAddress()
  if (address === undefined) return false
  const { makeContents } = yield* Effect.promise(() => import("../store/remote/contents.ts"))
  return makeContents(disk, layout, address).due.all().some((key) =>
    disk.glance(layout.records.path(key)) !== undefined
  )
})

/** What is remembered of a run that had nothing to do, where there is still nothing to do; otherwise what changed since. */
const stillFresh = Effect.fnUntraced(function*(
  words: ReadonlyArray<string>,
  { load, root, build, settings }: Started,
  note: (declaration: Declaration) => void,
) {
  // What ".env" sets is there when the project is loaded.
  const set = settings()
  const { default: experiment } = yield* Effect.promise(load)
  const asked = askedIn(words, Object.keys(experiment.filters ?? {}))
  if (asked === undefined) return undefined
  const profile = profileIn(experiment, set, asked.profile)
  const layout = layoutOf(storeFolder(root))
  return yield* Effect.gen(function*() {
    const plan = yield* freshPlanOf(layout, profile, asked.filters)
    if (plan === undefined) return undefined
    const disk = yield* Disk.Disk
    if (yield* isOwing(disk, layout)) return undefined
    const digests = onlySmall(yield* makeDigests(disk, layout, reading))
    const about = {
      profile,
      layout,
      build,
      find: (set: FileSet) => findFiles(set, digests),
      isShown: (declaration: Declaration) => areOfView(plan, experiment, declaration),
    }
    let declared: Declaration | undefined
    const found = yield* sinceThen(plan, about, () => {
      declared = declarationOf(experiment, profile, root, asked.filters)
      note(declared)
      return declared
    })
    if (found !== "nothing") return found === undefined ? undefined : { changed: found }
    const nodes = plan.nodes.size
    if (plan.results === null || declared === undefined) return { nodes, text: undefined }
    const text = yield* shownAgain(plan, experiment, declared, profileIn(experiment, set, ""), disk, layout)
    return text === undefined ? undefined : { nodes, text }
  }).pipe(Effect.provide(Layer.mergeAll(Disk.layer, Programs.layer(build))))
})
