import { canonical } from "./canonical.ts"
import type { Digest } from "./digest.ts"
import type { Node } from "./graph.ts"
import { type Origin, originOf } from "./origin.ts"
import type { ActionRecord, Code, PreImage } from "./store/record.ts"

/** Why a node must run, one case per field of the pre-image: `plan`, `why` and the run log all tell this. */
export type Reason =
  | { readonly _tag: "NeverRun" }
  | { readonly _tag: "RecordDamaged"; readonly problem: string }
  | { readonly _tag: "ObjectMissing"; readonly digest: Digest }
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
  | { readonly _tag: "ModuleChanged"; readonly module: string; readonly change: "edited" | "added" | "removed" }
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

/**
 * The differences between what a node last was and what it is now, field by field.
 *
 * Inputs from nodes in `pending` are left out: whether they differ is known only after those have run.
 */
export const reasonsBetween = (
  node: Node,
  before: ActionRecord,
  codeBefore: Code | undefined,
  after: PreImage,
  codeAfter: Code,
  pending: ReadonlySet<string>,
): ReadonlyArray<Reason> => {
  const old = before.preImage
  return [
    ...(old.format === after.format
      ? []
      : [{ _tag: "FormatChanged", before: old.format, after: after.format } as const]),
    ...(old.stage === after.stage ? [] : [{ _tag: "StageChanged", before: old.stage, after: after.stage } as const]),
    ...paramReasons(node, old.params, after.params, []),
    ...inputReasons(node, old, after, pending),
    ...(old.code === after.code ? [] : codeReasons(codeBefore, codeAfter)),
    ...Object.keys({ ...old.outputs, ...after.outputs })
      .filter((output) => old.outputs[output] !== after.outputs[output])
      .map((output) => ({ _tag: "SchemaChanged", output }) as const),
  ]
}

const paramReasons = (
  node: Node,
  before: unknown,
  after: unknown,
  path: ReadonlyArray<string>,
): ReadonlyArray<Reason> => {
  if (before !== undefined && after !== undefined && canonical(before) === canonical(after)) return []
  if (isOpen(before) && isOpen(after)) {
    return Object.keys({ ...before, ...after }).flatMap((key) =>
      paramReasons(node, before[key], after[key], [...path, key])
    )
  }
  const origin = originOf(node.declared, path)
  return [{ _tag: "ParamChanged", path: path.join("."), before, after, ...(origin === undefined ? {} : { origin }) }]
}

const isOpen = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const inputReasons = (
  node: Node,
  before: PreImage,
  after: PreImage,
  pending: ReadonlySet<string>,
): ReadonlyArray<Reason> =>
  Object.entries(after.inputs).flatMap(([role, now]): ReadonlyArray<Reason> => {
    const was = before.inputs[role]
    if (now._tag === "Files") {
      const old = new Map((was?._tag === "Files" ? was.files : []).map(({ name, digest }) => [name, digest]))
      const current = new Map(now.files.map(({ name, digest }) => [name, digest]))
      return [...new Set([...old.keys(), ...current.keys()])]
        .filter((name) => old.get(name) !== current.get(name))
        .map((name) => ({ _tag: "FileChanged", role, name, before: old.get(name), after: current.get(name) }))
    }
    const wire = node.inputs.get(role)
    const refs = wire?._tag === "Artifacts" ? wire.refs : []
    if (refs.some((ref) => pending.has(ref.node))) return []
    const old = was?._tag === "Artifacts" ? was.digests : []
    if (old.length === now.digests.length && old.every((digest, index) => digest === now.digests[index])) return []
    const changed = refs.filter((_, index) => !old.includes(now.digests[index] ?? "")).map((ref) => ref.node)
    return [{ _tag: "InputChanged", role, nodes: changed, before: old, after: now.digests }]
  })

const codeReasons = (before: Code | undefined, after: Code): ReadonlyArray<Reason> => {
  if (before === undefined) return [{ _tag: "CodeChanged" }]
  const modules = Object.keys({ ...before.modules, ...after.modules })
    .filter((module) => before.modules[module] !== after.modules[module])
    .map((module) => ({
      _tag: "ModuleChanged",
      module,
      change: before.modules[module] === undefined
        ? "added"
        : after.modules[module] === undefined
        ? "removed"
        : "edited",
    } as const))
  const packages = Object.keys({ ...before.packages, ...after.packages })
    .filter((name) => before.packages[name] !== after.packages[name])
    .map((name) => ({
      _tag: "PackageChanged",
      name,
      before: before.packages[name],
      after: after.packages[name],
    } as const))
  return [...modules, ...packages]
}
