import { Effect, Layer } from "effect"
import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import { attempt } from "../base/attempt.ts"
import { InputError } from "../base/errors.ts"
import { pathError } from "../base/system.ts"
import { expand } from "../graph/expand.ts"
import type { Graph } from "../graph/node.ts"
import { makeReader, type Reader } from "../status/reader.ts"
import { snapshotOf } from "../status/snapshot.ts"
import { inOrderOf, type Versions, versionsDeclared, versionsOfKeys, versionsOfRun } from "../status/version.ts"
import * as Disk from "../store/disk.ts"
import { layoutOf } from "../store/layout.ts"
import { allRuns, readRun, type RunLog, runNames } from "../store/runs.ts"
import * as Store from "../store/store.ts"
import { GivenFilters } from "./filters.ts"
import { graphOf, profileNamed, Project } from "./project.ts"

/** What a word for a revision means. */
export type Meaning =
  | { readonly _tag: "Run"; readonly log: RunLog }
  /** What dag.config.ts says of this profile; of that of the other revision where it is undefined. */
  | { readonly _tag: "Declared"; readonly profile: string | undefined }
  /** The store of another folder. */
  | { readonly _tag: "Folder"; readonly folder: string }

/** One of two experiments that are compared: a run, what is declared now, or what another store has. */
export interface Revision {
  readonly meaning: Meaning
  readonly profile: string
  readonly nodes: Versions
  readonly store: Store.Store["Service"]
  /** The profile as it is declared now; undefined where it was removed, or is declared wrongly. */
  readonly graph: Graph | undefined
}

/** The two revisions that words mean. "now" and folders are of `profile`, or of the profile of the other. */
export const revisionsOf = Effect.fnUntraced(function*(words: readonly [string, string], profile: string) {
  const store = yield* Store.Store
  const [first, second] = [yield* meaningOf(words[0], profile), yield* meaningOf(words[1], profile)]
  const named = [profile, profileOf(first), profileOf(second)].find((name) => name !== undefined && name !== "")
  const otherwise = yield* profileNamed(named ?? "")
  const reader = yield* makeReader
  const graphs = new Map<string, Graph | undefined>()
  const build = Effect.fnUntraced(function*(meaning: Meaning) {
    const name = profileOf(meaning) ?? otherwise
    if (!graphs.has(name)) {
      graphs.set(name, yield* declaredGraph(name))
    }
    return yield* revisionOf(meaning, name, graphs.get(name), reader, store)
  })
  return [yield* build(first), yield* build(second)] as const
})

const profileOf = (meaning: Meaning): string | undefined =>
  meaning._tag === "Run" ? meaning.log.profile : meaning._tag === "Declared" ? meaning.profile : undefined

/** A run may be of a profile that was removed, or is declared wrongly; filters need one that is not. */
const declaredGraph = Effect.fnUntraced(function*(profile: string) {
  const { experiment, root } = yield* Project
  if ((yield* GivenFilters).size > 0) return yield* graphOf(profile)
  return yield* attempt(() => expand(experiment, profile, root)).pipe(Effect.orElseSucceed(() => undefined))
})

/** The nodes of a revision without those that filters leave out of what is declared. */
const narrowed = Effect.fnUntraced(function*(nodes: Versions, graph: Graph | undefined) {
  const { experiment, root } = yield* Project
  if (graph === undefined || (yield* GivenFilters).size === 0) return nodes
  const { nodes: all } = yield* attempt(() => expand(experiment, graph.profile, root))
  return new Map([...nodes].filter(([name]) => graph.nodes.has(name) || !all.has(name)))
})

const revisionOf = Effect.fnUntraced(function*(
  meaning: Meaning,
  profile: string,
  graph: Graph | undefined,
  reader: Reader,
  store: Store.Store["Service"],
) {
  switch (meaning._tag) {
    case "Run": {
      const nodes = inOrderOf(graph, yield* narrowed(yield* versionsOfRun(meaning.log, reader), graph))
      return { meaning, profile, nodes, store, graph } satisfies Revision
    }
    case "Declared": {
      // Says what is wrong with the declaration.
      const declared = graph ?? (yield* graphOf(profile))
      const nodes = yield* versionsDeclared(yield* snapshotOf(declared), reader)
      return { meaning, profile, nodes, store, graph: declared } satisfies Revision
    }
    case "Folder": {
      const { folder } = meaning
      const other = yield* Store.Store.pipe(Effect.provide(Store.layer(folder).pipe(Layer.provide(Disk.readOnly))))
      const heads = yield* other.heads(profile)
      if (heads.size === 0) return yield* nothingOf(folder, profile, yield* other.profiles)
      const its = yield* makeReader.pipe(Effect.provideService(Store.Store, other))
      const nodes = inOrderOf(graph, yield* narrowed(yield* versionsOfKeys(heads, its), graph))
      return { meaning, profile, nodes, store: other, graph } satisfies Revision
    }
  }
})

const nothingOf = (folder: string, profile: string, profiles: ReadonlyArray<string>): InputError =>
  new InputError({
    field: folder,
    message: `has nothing of profile "${profile}"`,
    help: profiles.length === 0
      ? "name the folder of a store that something was run in"
      : `name one of its profiles with --profile: ${profiles.join(", ")}`,
  })

const meaningOf = Effect.fnUntraced(function*(word: string, profile: string) {
  const { experiment } = yield* Project
  if (word === "now") return { _tag: "Declared", profile: undefined } satisfies Meaning
  if (word === "last") return { _tag: "Run", log: yield* newest(profile) } satisfies Meaning
  if (Object.hasOwn(experiment.profiles, word)) return { _tag: "Declared", profile: word } satisfies Meaning
  const names = yield* runNames
  const found = names.includes(word) ? [word] : names.filter((name) => name.startsWith(word))
  const [only] = found
  if (only !== undefined && word !== "") {
    if (found.length > 1) {
      return yield* new InputError({
        field: word,
        message: `begins the names of ${found.length} runs`,
        help: `give more of it: ${found.slice(-5).join(", ")}`,
      })
    }
    const log = yield* readRun(only)
    if (log !== undefined) return { _tag: "Run", log } satisfies Meaning
    return yield* new InputError({
      field: only,
      message: "has a log that does not begin as one does",
      help: "name another run; \"dag diff\" lists those whose logs can be read",
    })
  }
  const folder = resolve(word)
  const isFolder = word !== "" && (yield* attempt(
    () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true,
    (thrown) => pathError(thrown, word, "read", "name a run, a profile or the folder of a store"),
  ))
  if (isFolder && existsSync(layoutOf(folder).heads.folder)) return { _tag: "Folder", folder } satisfies Meaning
  return yield* new InputError({
    field: word === "" ? "\"\"" : word,
    message: isFolder ? "is a folder, but not that of a store" : "is no run, profile or folder of a store",
    help: names.length === 0
      ? "use \"now\" or the folder of a store; no run left a log here yet"
      : `use "now", "last", the folder of a store, or a run: ${nearest(word, names).join(", ")}`,
  })
})

const newest = Effect.fnUntraced(function*(profile: string) {
  const run = (yield* allRuns).findLast((each) => profile === "" || each.profile === profile)
  return run ?? (yield* new InputError({
    field: "last",
    message: `no run${profile === "" ? "" : ` of profile "${profile}"`} left a log here`,
    help: "run something first; a run in which every node is up to date leaves no log",
  }))
})

/** The names that begin most like a word, the newest first. */
const nearest = (word: string, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  const shared = (name: string) => {
    let length = 0
    while (length < word.length && word[length] === name[length]) length++
    return length
  }
  return names.toReversed().toSorted((one, other) => shared(other) - shared(one)).slice(0, 5)
}
