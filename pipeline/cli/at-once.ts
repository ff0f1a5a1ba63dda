import { Effect, Layer } from "effect"
import { StoreError } from "../base/errors.ts"
import type { Filters } from "../graph/filters.ts"
import { outlineOf } from "../graph/outline.ts"
import * as Programs from "../identity/programs.ts"
import { freshPlanOf, isStillFresh, onlySmall, readsTheSame } from "../status/fresh-plans.ts"
import { makeDigests } from "../store/digests.ts"
import * as Disk from "../store/disk.ts"
import { layoutOf } from "../store/layout.ts"
import { profileIn, storeFolder } from "./settings.ts"
import type { Started } from "./started.ts"
import { outliveStreams } from "./streams.ts"
import { lookOfOutput, print, printReady } from "./text/output.ts"
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

/** Nothing is written by who only looks. */
const refused = new StoreError({ path: "", message: "is only read", help: "" })
const reading = {
  temporary: Effect.fail(refused),
  prepare: () => Effect.fail(refused),
  publish: () => Effect.fail(refused),
  publishNew: () => Effect.fail(refused),
}

/**
 * Runs a run that has nothing to do, by what the last run remembered; whether it was one. Nothing was done where it was
 * not, and nothing was said: whatever is wrong is for the command to say.
 */
export const runAtOnce = async (words: ReadonlyArray<string>, started: Started): Promise<boolean> => {
  const began = Date.now()
  const found = await Effect.runPromise(
    Effect.catchCause(Effect.scoped(stillFresh(words, started)), () => Effect.succeed(undefined)),
  )
  if (found === undefined) return false
  outliveStreams(false)
  const none = { executed: 0, failed: 0, missing: 0, blocked: 0, leftOut: 0, unneeded: 0, notStarted: 0 }
  await Effect.runPromise(print(summaryText({ ...none, cached: found.nodes }, Date.now() - began)))
  if (found.results !== null) await Effect.runPromise(printReady(found.results.text))
  return true
}

/** What is remembered of a run that had nothing to do, where there is still nothing to do. */
const stillFresh = Effect.fnUntraced(function*(words: ReadonlyArray<string>, { load, root, build, settings }: Started) {
  // What ".env" sets is there when the project is loaded.
  const set = settings()
  const { default: experiment } = yield* Effect.promise(load)
  const asked = askedIn(words, Object.keys(experiment.filters ?? {}))
  if (asked === undefined) return undefined
  const profile = profileIn(experiment, set, asked.profile)
  const layout = layoutOf(storeFolder(root))
  return yield* Effect.gen(function*() {
    const plan = yield* freshPlanOf(layout, profile, asked.filters)
    if (plan === undefined || plan.build !== build) return undefined
    // Where results would look otherwise they are printed again.
    if (plan.results !== null && plan.results.look !== lookOfOutput()) return undefined
    if (!(yield* readsTheSame(plan, root))) return undefined
    const outline = outlineOf(experiment, profile, root, asked.filters, new Set(plan.adapting))
    if (outline === undefined) return undefined
    const digests = yield* makeDigests(yield* Disk.Disk, layout, reading)
    return (yield* isStillFresh(plan, outline, layout, profile, onlySmall(digests))) ? plan : undefined
  }).pipe(Effect.provide(Layer.mergeAll(Disk.layer, Programs.layer(build))))
})
