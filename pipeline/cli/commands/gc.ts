import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { bytes, counted } from "../../base/text.ts"
import { expand } from "../../graph/expand.ts"
import { ReadsRecords } from "../../status/at-a-glance.ts"
import { type Snapshot, snapshotOf } from "../../status/snapshot.ts"
import { wantedBy } from "../../status/wanted.ts"
import { ageOf } from "../../store/gc/age.ts"
import { beginCollection } from "../../store/gc/inventory.ts"
import { type Plan, planCollection } from "../../store/gc/plan.ts"
import { type Removal, removeAll } from "../../store/gc/remove.ts"
import { Store } from "../../store/store.ts"
import { bestNodes } from "../best.ts"
import { answered } from "../confirm.ts"
import { jsonFlag, noteNoStore, Project } from "../project.ts"
import { IsOfRemote } from "../remote.ts"
import { type Setting, settingsInForce } from "../settings.ts"
import { print, printJson, printNote } from "../text/output.ts"
import { removedText } from "../text/removals.ts"

/** `dag gc`: removes what no profile, pin or recent run wants. */
export const gc = Command.make("gc", {
  json: jsonFlag,
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Print what would be removed, and remove nothing"),
    Flag.withDefault(false),
  ),
  olderThan: Flag.String("older-than").pipe(
    Flag.withDescription(
      "Keep what was made, or used by a run that executed a node, within this time, such as 30d, 12h or 0s",
    ),
    Flag.withDefault("30d"),
  ),
  quarantine: Flag.Boolean("quarantine").pipe(
    Flag.withDescription("Remove also what dag repair moved away before that time"),
    Flag.withDefault(false),
  ),
  yes: Flag.Boolean("yes").pipe(
    Flag.withAlias("y"),
    Flag.withDescription("Do not ask before removing"),
    Flag.withDefault(false),
  ),
  checkpoints: Flag.Literals("checkpoints", ["all", "best", "none"]).pipe(
    Flag.withDescription(
      "Which trained checkpoints to keep: all; those that the best results were made with and the last run made; or none. What was made with the others stays up to date",
    ),
    Flag.withDefault("all"),
  ),
}, ({ json, dryRun, olderThan, quarantine, yes, checkpoints }) =>
  Effect.gen(function*() {
    const { experiment, settings } = yield* Project
    const age = yield* ageOf("--older-than", olderThan)
    const profiles = Object.keys(experiment.profiles)
    if (yield* IsOfRemote) {
      if (quarantine || checkpoints !== "all") return yield* onlyHere(quarantine ? "--quarantine" : "--checkpoints")
      const { collectThere } = yield* Effect.promise(() => import("../gc-there.ts"))
      const wanted = yield* wantedBy(yield* allSnapshots, profiles, "all", bestNodes)
      const kept = keptText(profiles, settingsInForce(settings, {}))
      return yield* collectThere({ ...wanted, quarantine }, age, kept, { json, dryRun, yes })
    }
    yield* noteNoStore
    const plan = Effect.gen(function*() {
      const beginning = yield* beginCollection(!dryRun)
      const wanted = yield* wantedBy(yield* allSnapshots, profiles, checkpoints, bestNodes)
      return yield* planCollection(beginning, { ...wanted, quarantine, outOfQueue: yield* batchesOutOfQueue }, age)
    })
    const planned = yield* plan
    if (!json) {
      yield* print(keptText(profiles, settingsInForce(settings, {})))
      if (planned.removals.length > 0) yield* print(removedText(planned.removals))
    }
    const isAsked = !dryRun && !yes && !json && planned.removals.length > 0
    const answer = isAsked ? yield* answered : "not asked"
    if (answer === "no") return yield* print("Nothing was removed.")
    // While the question stood, a run may have come to need some of it.
    const still = answer === "yes" ? sharedBy(planned, yield* plan) : planned
    const removed = dryRun ? still.removals : yield* removeAll(still.releases, still.removals)
    const { kept } = still
    if (json) {
      yield* printJson({ dryRun, removed: removed.map(removalFacts), kept })
      return
    }
    const size = removed.reduce((sum, each) => sum + each.bytes, 0)
    yield* print(
      `${dryRun ? "Would remove" : "Removed"} ${counted(removed.length, "file")}, ${bytes(size)}; ${
        counted(kept.files, "object")
      }, ${bytes(kept.bytes)}, ${kept.files === 1 ? "stays" : "stay"}.`,
    )
  })).pipe(Command.withDescription(
    "Remove what no profile of dag.config.ts, no pin and no recent run wants. It may run beside other commands",
  ))

/** The batches of the store that Slurm has no jobs of; where it cannot be asked, none. */
const batchesOutOfQueue = Effect.gen(function*() {
  const { files } = yield* Store
  const ids = yield* files.batches.names
  // Most stores have none: nothing is loaded for it.
  if (ids.length === 0) return new Set<string>()
  const { outOfQueue } = yield* Effect.promise(() => import("../../execute/slurm/out-of-queue.ts"))
  const { layer } = yield* Effect.promise(() => import("../../execute/slurm/client.ts"))
  return new Set(yield* Effect.provide(outOfQueue(ids), layer))
})

const onlyHere = (field: string) =>
  Effect.fail(
    new InputError({
      field,
      message: "cannot be given together with --remote",
      help: "leave one of them out: the store here is collected without --remote",
    }),
  )

/** Which profiles keep what they have: what they have may depend on settings. */
const keptText = (profiles: ReadonlyArray<string>, settings: ReadonlyArray<Setting>): string =>
  `Kept: what ${profiles.length === 1 ? "profile" : "profiles"} ${profiles.join(", ")} ${
    profiles.length === 1 ? "has" : "have"
  }${settings.length === 0 ? "" : ` with ${settings.map(({ name, value }) => `${name}=${value}`).join(" ")}`}`

/** What two plans both remove. */
const sharedBy = (shown: Plan, now: Plan): Plan => {
  // For the same reason: what is released only now has no list that says so.
  const nameOf = ({ path, version, why }: Removal): string => JSON.stringify([path, version, why])
  const names = new Set(shown.removals.map(nameOf))
  const keys = new Set(shown.releases.map(({ key }) => key))
  const removals = now.removals.filter((each) => names.has(nameOf(each)))
  return { ...now, releases: now.releases.filter(({ key }) => keys.has(key)), removals }
}

/** How the nodes of all profiles stand; a profile that cannot be declared wants what it last had. */
const allSnapshots = Effect.gen(function*() {
  const { experiment, root } = yield* Project
  const snapshots: Array<Snapshot> = []
  for (const profile of Object.keys(experiment.profiles)) {
    const snapshot = yield* attempt(() => expand(experiment, profile, root)).pipe(
      Effect.flatMap((graph) => snapshotOf(graph)),
      Effect.provideService(ReadsRecords, true),
      Effect.catchTag(
        "InputError",
        ({ file, message }) => {
          const what = file === undefined ? message : `${file}: ${message}`
          return Effect.as(
            printNote(`profile ${profile} cannot be declared (${what}): what it last had stays`),
            undefined,
          )
        },
      ),
    )
    if (snapshot !== undefined) snapshots.push(snapshot)
  }
  return snapshots
})

/** What is said of a file for other programs: its version is this one's own. */
const removalFacts = ({ kind, path, bytes: size, node, why }: Removal) => ({ kind, path, bytes: size, node, why })
