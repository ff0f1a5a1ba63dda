import { Effect, Schema } from "effect"
import type { Digest } from "../base/digest.ts"
import { StoreError } from "../base/errors.ts"
import type { JsonFiles } from "./json.ts"

type HeadFile = Readonly<Record<string, Digest>>

/** Keys by the names of nodes: as one check, since there may be a hundred thousand. */
export const HeadFile = Schema.declare((value): value is HeadFile =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isDigestText)
)

const isDigestText = (value: unknown): boolean => typeof value === "string" && /^[0-9a-f]{64}$/u.test(value)

/** The action that each node last had, by profile. They only help to say what changed: damaged ones count as none. */
export interface Heads {
  readonly heads: (profile: string) => Effect.Effect<ReadonlyMap<string, Digest>, StoreError>
  /** The profiles that have heads, in their order. */
  readonly profiles: Effect.Effect<ReadonlyArray<string>, StoreError>
  /** Sets the heads of some nodes; those of others stay as they are now, whoever set them. */
  readonly publishHeads: (profile: string, heads: ReadonlyMap<string, Digest>) => Effect.Effect<void, StoreError>
}

/** A version of the heads of a profile: each is a file of its own, `heads/<profile>.<version>.json`. */
interface Version {
  readonly name: string
  readonly profile: string
  readonly version: number
}

const versionIn = (name: string): Version | undefined => {
  const [, profile, version] = /^(.*)\.([1-9]\d{0,14})$/su.exec(name) ?? []
  return profile === undefined ? undefined : { name, profile, version: Number(version) }
}

/** The profile whose heads a file of this name holds; undefined where it holds none. */
export const profileOfHeads = (name: string): string | undefined => versionIn(name)?.profile

/**
 * Heads in these files.
 *
 * Whoever sets heads writes the version after the newest one. Of two at the same moment one finds that version taken, and
 * begins again from what the other wrote: nothing is lost, and nobody waits for a lock that a dead process holds. The
 * newest two versions stay, so that the one before serves where the newest is damaged. A version that was removed is free
 * again: who took one looks whether a newer one was written from what came before it.
 */
export const makeHeads = (files: JsonFiles<HeadFile>): Heads => {
  const versions = Effect.map(files.names, (names) => names.flatMap((name) => versionIn(name) ?? []))

  /** The newest first. */
  const versionsOf = (profile: string) =>
    Effect.map(
      versions,
      (all) => all.filter((each) => each.profile === profile).toSorted((one, other) => other.version - one.version),
    )

  const newestIn = Effect.fnUntraced(function*(sorted: ReadonlyArray<Version>) {
    for (const { name } of sorted) {
      const found = yield* files.look(name)
      // One that is gone now gave way to newer ones.
      if (found._tag === "Absent") return "gone"
      if (found._tag === "Sound") return found.value
    }
    return {}
  })

  /** The newest heads that are sound, and all versions that are there. */
  const newest = Effect.fnUntraced(function*(profile: string) {
    for (let tries = 1;; tries++) {
      const sorted = yield* versionsOf(profile)
      const heads = yield* newestIn(sorted)
      if (heads !== "gone") return { heads, sorted }
      if (tries === 100) return yield* unreadable(sorted[0])
    }
  })

  /** A version that is listed and cannot be opened may be read a moment later; with none in its place, heads would be lost. */
  const unreadable = (version: Version | undefined) =>
    new StoreError({
      path: files.path(version?.name ?? ""),
      message: "is listed in its folder, but is not there",
      help: "run again",
    })

  /** Whether a version newer than this one was written by who had not read it: it has none of these heads. */
  const isPassedBy = Effect.fnUntraced(function*(
    profile: string,
    version: number,
    heads: ReadonlyMap<string, Digest>,
    before: HeadFile,
  ) {
    const [first] = yield* versionsOf(profile)
    if ((first?.version ?? 0) <= version) return false
    const { heads: now } = yield* newest(profile)
    // What is neither this nor what was there before was set by another meanwhile, and counts.
    return [...heads].some(([node, key]) => now[node] !== key && now[node] === before[node])
  })

  return {
    heads: (profile) => Effect.map(newest(profile), ({ heads }) => new Map(Object.entries(heads))),
    profiles: Effect.map(versions, (all) => [...new Set(all.map(({ profile }) => profile))].toSorted()),
    publishHeads: Effect.fnUntraced(function*(profile, heads) {
      for (;;) {
        const { heads: others, sorted } = yield* newest(profile)
        const next = (sorted[0]?.version ?? 0) + 1
        if (versionIn(`${profile}.${next}`) === undefined) {
          return yield* new StoreError({
            path: files.path(sorted[0]?.name ?? ""),
            message: "is a version that no store comes to",
            help: "remove it and run again",
          })
        }
        const all: HeadFile = { ...others, ...Object.fromEntries(heads) }
        if (!(yield* files.publishNew(`${profile}.${next}`, all))) continue
        if (yield* isPassedBy(profile, next, heads, others)) {
          yield* Effect.ignore(files.drop(`${profile}.${next}`))
          continue
        }
        yield* Effect.forEach(sorted.slice(1), ({ name }) => Effect.ignore(files.drop(name)), { discard: true })
        return
      }
    }),
  }
}
