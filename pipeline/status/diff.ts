import { canonical } from "../base/canonical.ts"
import type { Digest } from "../base/digest.ts"
import type { Origin } from "../graph/origin.ts"
import { type Described, differences, type OwnReason, sameDigests } from "./reasons.ts"
import type { Version, Versions } from "./version.ts"

/** Something that differs in a node itself. */
export type Change = OwnReason | Rewired

/** An input comes from other nodes than before, or from the same in another order or number. */
export interface Rewired {
  readonly _tag: "Rewired"
  readonly role: string
  /** How many artifacts it took. */
  readonly before: number
  readonly after: number
  readonly gone: ReadonlyArray<string>
  readonly come: ReadonlyArray<string>
}

/** What differs between two versions of an experiment: every node of either has its place in it. */
export interface Differences {
  readonly same: ReadonlyArray<string>
  /** Each change once, with the nodes where it enters. */
  readonly changed: ReadonlyArray<{ readonly change: Change; readonly nodes: ReadonlyArray<string> }>
  /** Nodes that differ by what others made for them and by nothing else. */
  readonly following: ReadonlyArray<string>
  /** Nodes that may come to differ, by inputs that are not there yet in one version. */
  readonly open: ReadonlyArray<string>
  readonly onlyBefore: ReadonlyArray<string>
  readonly onlyAfter: ReadonlyArray<string>
  /** The same action under two names. */
  readonly renamed: ReadonlyArray<{ readonly before: string; readonly after: string }>
  /** Nodes of both versions that one did not make. */
  readonly unmade: ReadonlyArray<
    { readonly node: string; readonly before: string | undefined; readonly after: string | undefined }
  >
  /** Of the nodes in `same`, outputs that the same action made with different bytes. */
  readonly otherBytes: ReadonlyArray<{ readonly node: string; readonly outputs: ReadonlyArray<string> }>
}

/** Where the value of a node's param was written, as far as it is still written there. */
export type OriginOf = (node: string, path: ReadonlyArray<string>, value: unknown) => Origin | undefined

/** Compares two versions of an experiment; a change is named once, with the nodes where it enters. */
export const differencesOf = (before: Versions, after: Versions, originOf: OriginOf): Differences => {
  const same = new Set<string>()
  const open: Array<string> = []
  const following: Array<string> = []
  const unmade: Array<Differences["unmade"][number]> = []
  const otherBytes: Array<Differences["otherBytes"][number]> = []
  const groups = new Map<string, { readonly change: Change; readonly nodes: Array<string> }>()
  const makers = { before: namesByDigest(before), after: namesByDigest(after) }
  for (const [node, is] of after) {
    const was = before.get(node)
    if (was === undefined) continue
    if (was._tag === "Unmade" || is._tag === "Unmade") {
      const why = (version: Version) => (version._tag === "Unmade" ? version.why : undefined)
      unmade.push({ node, before: why(was), after: why(is) })
      continue
    }
    if (was.key !== undefined && was.key === is.key) {
      same.add(node)
      const outputs = was._tag === "Made" && is._tag === "Made"
        ? Object.keys(is.outputs).filter((name) => (was.outputs[name] ?? is.outputs[name]) !== is.outputs[name])
        : []
      if (outputs.length > 0) otherBytes.push({ node, outputs })
      continue
    }
    const unknown = new Set([...unknownOf(was), ...unknownOf(is)])
    let inputsDiffer = false
    const changes = differences<Change>(
      withoutFiles(was, unknown),
      withoutFiles(is, unknown),
      (path, value) => originOf(node, path, value),
      (role, old = [], now = []) => {
        if (!unknown.has(role) && sameDigests(old, now)) return []
        inputsDiffer ||= !unknown.has(role)
        return rewired(role, makersOf(was, role, makers.before), makersOf(is, role, makers.after))
      },
    )
    if (changes.length === 0) {
      if (inputsDiffer) following.push(node)
      else if ([...unknown].every((role) => staysUnknown(was, is, role, same))) same.add(node)
      else open.push(node)
    }
    for (const change of changes) {
      const id = canonical(JSON.parse(JSON.stringify(change)))
      const group = groups.get(id)
      if (group === undefined) groups.set(id, { change, nodes: [node] })
      else group.nodes.push(node)
    }
  }
  const only = apart(before, after)
  return { same: [...same], changed: [...groups.values()], following, open, ...only, unmade, otherBytes }
}

type Comparable = Exclude<Version, { readonly _tag: "Unmade" }>

const unknownOf = (version: Comparable): ReadonlySet<string> =>
  version._tag === "Declared" ? version.unknown : new Set()

/**
 * Whether an input that is not there yet will be the same in both versions: the nodes that make it are the same, or both
 * versions lack its files.
 */
const staysUnknown = (was: Comparable, is: Comparable, role: string, same: ReadonlySet<string>): boolean => {
  const sources = [was, is].map(({ wires }) => wires?.get(role))
  return sources.every((names) => names === undefined)
    ? unknownOf(was).has(role) && unknownOf(is).has(role)
    : sources.every((names) => names === undefined || names.every((name) => same.has(name)))
}

/** What an action is made of, but for files that one of two versions does not know: they are no difference. */
const withoutFiles = ({ preImage, code }: Comparable, unknown: ReadonlySet<string>): Described => ({
  preImage: unknown.size === 0 ? preImage : {
    ...preImage,
    inputs: Object.fromEntries(
      Object.entries(preImage.inputs).filter(([role, { _tag }]) => _tag === "Artifacts" || !unknown.has(role)),
    ),
  },
  code,
})

/** The names of the nodes that made each content. */
const namesByDigest = (versions: Versions): ReadonlyMap<Digest, ReadonlyArray<string>> => {
  const names = new Map<Digest, Array<string>>()
  for (const [node, version] of versions) {
    if (version._tag !== "Made") continue
    for (const digest of new Set(Object.values(version.outputs))) {
      const known = names.get(digest)
      if (known === undefined) names.set(digest, [node])
      else known.push(node)
    }
  }
  return names
}

/** For each artifact of an input, the nodes that may have made it: several that made the same, none where unknown. */
const makersOf = (
  { preImage, wires }: Comparable,
  role: string,
  names: ReadonlyMap<Digest, ReadonlyArray<string>>,
): ReadonlyArray<ReadonlyArray<string>> => {
  const input = preImage.inputs[role]
  return wires?.get(role)?.map((name) => [name])
    ?? (input?._tag === "Artifacts" ? input.digests.map((digest) => names.get(digest) ?? []) : [])
}

const rewired = (
  role: string,
  before: ReadonlyArray<ReadonlyArray<string>>,
  after: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<Rewired> => {
  const fits = before.length === after.length && before.every((makers, index) => {
    const others = after[index] ?? []
    return makers.length === 0 || others.length === 0 || makers.some((name) => others.includes(name))
  })
  if (fits) return []
  const missing = (from: ReadonlyArray<ReadonlyArray<string>>, to: ReadonlyArray<ReadonlyArray<string>>) => {
    const there = new Set(to.flat())
    return from.flatMap((makers) => (makers.some((name) => there.has(name)) ? [] : makers.slice(0, 1)))
  }
  return [{
    _tag: "Rewired",
    role,
    before: before.length,
    after: after.length,
    gone: missing(before, after),
    come: missing(after, before),
  }]
}

/** The nodes of one version alone, and those that only have another name in the other. */
const apart = (before: Versions, after: Versions): Pick<Differences, "onlyBefore" | "onlyAfter" | "renamed"> => {
  const gone = new Map([...before].filter(([node]) => !after.has(node)))
  const byKey = new Map<Digest, Array<string>>()
  for (const [node, version] of gone) {
    if (version._tag === "Unmade" || version.key === undefined) continue
    const names = byKey.get(version.key)
    if (names === undefined) byKey.set(version.key, [node])
    else names.push(node)
  }
  const renamed: Array<Differences["renamed"][number]> = []
  const onlyAfter: Array<string> = []
  for (const [node, version] of after) {
    if (before.has(node)) continue
    const key = version._tag === "Unmade" ? undefined : version.key
    const former = key === undefined ? undefined : byKey.get(key)?.shift()
    if (former === undefined) {
      onlyAfter.push(node)
    } else {
      renamed.push({ before: former, after: node })
      gone.delete(former)
    }
  }
  return { onlyBefore: [...gone.keys()], onlyAfter, renamed }
}
