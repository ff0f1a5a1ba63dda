import { canonical } from "../base/canonical.ts"
import type { Digest } from "../base/digest.ts"
import type { Node } from "../graph/node.ts"
import { type Origin, originOf } from "../graph/origin.ts"

import type { Code } from "../identity/code.ts"
import type { PreImage } from "../identity/pre-image.ts"
import type { ActionRecord } from "../store/record.ts"

/** Why a node must run, one case per field of the pre-image. */
export type Reason =
  | { readonly _tag: "NeverRun" }
  /** It would be up to date, and the user asked to run it all the same. */
  | { readonly _tag: "Forced" }
  /** It would be up to date, but others that run need what was released of it. */
  | { readonly _tag: "Released" }
  | { readonly _tag: "RecordDamaged"; readonly problem: string }
  | { readonly _tag: "ObjectMissing"; readonly digest: Digest; readonly problem: "gone" | "damaged" | "unlisted" }
  | {
    readonly _tag: "ParamChanged"
    readonly path: string
    readonly before: unknown
    readonly after: unknown
    readonly origin?: Origin
  }
  | {
    readonly _tag: "InputChanged"
    readonly role: string
    readonly nodes: ReadonlyArray<string>
    readonly before: ReadonlyArray<Digest>
    readonly after: ReadonlyArray<Digest>
  }
  | {
    readonly _tag: "FileChanged"
    readonly role: string
    readonly name: string
    readonly before: Digest | undefined
    readonly after: Digest | undefined
  }
  /** The same files, which a stage reads in another order. */
  | { readonly _tag: "FilesReordered"; readonly role: string }
  /** A declaration of its program, as "module: name". */
  | { readonly _tag: "PartChanged"; readonly part: string; readonly change: "changed" | "added" | "removed" }
  /** A file of the project changed, and at these places the program may load any of them. */
  | { readonly _tag: "SourcesChanged"; readonly places: Code["coarse"] }
  | {
    readonly _tag: "PackageChanged"
    readonly name: string
    readonly before: string | undefined
    readonly after: string | undefined
  }
  /** The code differs, but the store no longer has the list of what it was. */
  | { readonly _tag: "CodeChanged" }
  | { readonly _tag: "SchemaChanged"; readonly output: string }
  | { readonly _tag: "StageChanged"; readonly before: string; readonly after: string }
  /** The engine's own format has another version. */
  | { readonly _tag: "FormatChanged"; readonly before: string; readonly after: string }

/** What an action is made of, and its code where the store still has it. */
export interface Described {
  readonly preImage: PreImage
  readonly code: Code | undefined
}

/** A reason that lies in the action itself, not in what others made for it. */
export type OwnReason = Exclude<
  Reason,
  { readonly _tag: "NeverRun" | "Forced" | "Released" | "RecordDamaged" | "ObjectMissing" | "InputChanged" }
>

/** What an input of artifacts is made of; undefined where an action has no such input. */
export type ArtifactInput = ReadonlyArray<Digest> | undefined

/**
 * The differences between two actions, field by field.
 *
 * `origin` says where a param's new value was written; `artifacts` tells the difference between inputs that are not the
 * same artifacts, or not known to be.
 */
export const differences = <Other>(
  before: Described,
  after: Described,
  origin: (path: ReadonlyArray<string>, value: unknown) => Origin | undefined,
  artifacts: (role: string, before: ArtifactInput, after: ArtifactInput) => ReadonlyArray<Other>,
): ReadonlyArray<OwnReason | Other> => {
  const [old, now] = [before.preImage, after.preImage]
  return [
    ...(old.format === now.format ? [] : [{ _tag: "FormatChanged", before: old.format, after: now.format } as const]),
    ...(old.stage === now.stage ? [] : [{ _tag: "StageChanged", before: old.stage, after: now.stage } as const]),
    ...paramReasons(origin, old.params, now.params, []),
    ...Object.keys({ ...old.inputs, ...now.inputs }).flatMap((role): ReadonlyArray<OwnReason | Other> => {
      const [was, is] = [old.inputs[role], now.inputs[role]]
      if (was?._tag === "Files" || is?._tag === "Files") {
        return fileReasons(role, was?._tag === "Files" ? was.files : [], is?._tag === "Files" ? is.files : [])
      }
      return artifacts(role, was?.digests, is?.digests)
    }),
    ...(old.code === now.code ? [] : codeReasons(before.code, after.code)),
    ...Object.keys({ ...old.outputs, ...now.outputs })
      .filter((output) => old.outputs[output] !== now.outputs[output])
      .map((output) => ({ _tag: "SchemaChanged", output }) as const),
  ]
}

/**
 * The differences between what a node last was and what it is now.
 *
 * Inputs from nodes in `pending` are left out: whether they differ is known only after those have run. Nodes that are not
 * `there` gave nothing to what the node is now.
 */
export const reasonsBetween = (
  node: Node,
  before: ActionRecord,
  codeBefore: Code | undefined,
  after: PreImage,
  codeAfter: Code | undefined,
  { pending, there }: { readonly pending: ReadonlySet<string>; readonly there: (node: string) => boolean },
): ReadonlyArray<Reason> =>
  differences<Reason>(
    { preImage: before.preImage, code: codeBefore },
    { preImage: after, code: codeAfter },
    (path) => originOf(node.declared, path),
    (role, was = [], now) => {
      const wire = node.inputs.get(role)
      const refs = wire?._tag === "Artifacts" ? wire.refs : []
      if (now === undefined || refs.some((ref) => pending.has(ref.node)) || sameDigests(was, now)) return []
      const present = refs.filter((ref) => there(ref.node))
      const changed = present.filter((_, index) => now[index] === undefined || !was.includes(now[index])).map((ref) =>
        ref.node
      )
      return [{ _tag: "InputChanged", role, nodes: changed, before: was, after: now }]
    },
  )

/** Whether two inputs are the same artifacts in the same order. */
export const sameDigests = (before: ReadonlyArray<Digest>, after: ReadonlyArray<Digest>): boolean =>
  before.length === after.length && before.every((digest, index) => digest === after[index])

const paramReasons = (
  originOf: (path: ReadonlyArray<string>, value: unknown) => Origin | undefined,
  before: unknown,
  after: unknown,
  path: ReadonlyArray<string>,
): ReadonlyArray<OwnReason> => {
  if (before !== undefined && after !== undefined && canonical(before) === canonical(after)) return []
  const [old, now] = [partsOf(before), partsOf(after)]
  if (old !== undefined && now !== undefined && canCompare(before, after)) {
    return Object.keys({ ...old, ...now }).flatMap((key) => paramReasons(originOf, old[key], now[key], [...path, key]))
  }
  const origin = originOf(path, after)
  return [{ _tag: "ParamChanged", path: path.join("."), before, after, ...(origin === undefined ? {} : { origin }) }]
}

/** The parts of an object or a list by name; undefined of anything else. */
const partsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === "object" && value !== null ? { ...value } : undefined

/** Whether two values can be told apart part by part: two objects, or two lists of one length. */
const canCompare = (before: unknown, after: unknown): boolean =>
  Array.isArray(before) ? Array.isArray(after) && before.length === after.length : !Array.isArray(after)

const fileReasons = (
  role: string,
  before: ReadonlyArray<{ readonly name: string; readonly digest: Digest }>,
  after: ReadonlyArray<{ readonly name: string; readonly digest: Digest }>,
): ReadonlyArray<OwnReason> => {
  const old = new Map(before.map(({ name, digest }) => [name, digest]))
  const current = new Map(after.map(({ name, digest }) => [name, digest]))
  const changed = [...new Set([...old.keys(), ...current.keys()])].filter((name) => old.get(name) !== current.get(name))
  return changed.length === 0 && before.some(({ name }, index) => name !== after[index]?.name)
    ? [{ _tag: "FilesReordered", role }]
    : changed.map((name) => ({ _tag: "FileChanged", role, name, before: old.get(name), after: current.get(name) }))
}

const codeReasons = (before: Code | undefined, after: Code | undefined): ReadonlyArray<OwnReason> => {
  if (before === undefined || after === undefined) return [{ _tag: "CodeChanged" }]
  const parts = Object.keys({ ...before.parts, ...after.parts })
    .filter((part) => before.parts[part] !== after.parts[part])
    .sort()
    .map((part) => ({
      _tag: "PartChanged",
      part,
      change: before.parts[part] === undefined ? "added" : after.parts[part] === undefined ? "removed" : "changed",
    } as const))
  const packages = Object.keys({ ...before.packages, ...after.packages }).sort().flatMap((name) => {
    const [was, is] = [before.packages[name], after.packages[name]]
    return was?.version === is?.version && was?.manifest === is?.manifest
      ? []
      : [{ _tag: "PackageChanged", name, before: was?.version, after: is?.version } as const]
  })
  const sources = before.sources === after.sources ? [] : [{ _tag: "SourcesChanged", places: after.coarse } as const]
  const reasons = [...parts, ...sources, ...packages]
  // Another arrangement of the same parts, as when two functions call each other's places.
  return reasons.length === 0 ? [{ _tag: "CodeChanged" }] : reasons
}
