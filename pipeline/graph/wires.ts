import type { FileSet } from "./files.ts"
import { listed, misdeclared } from "./misdeclared.ts"
import { type AnyWire, artifactOf, type Ref, type RunnableStage, Wires } from "./node.ts"
import type { Input } from "./stage.ts"

/** An output of a node as a reference; throws an InputError where its stage has no such output. */
export const outputRef = (stage: RunnableStage, node: string, output: string): Ref<never> => {
  const row = stage.outputs[output]
  if (row === undefined) {
    throw misdeclared(node, output, `stage "${stage.name}" has no such output`, `use ${listed(stage.outputs)}`)
  }
  return { _tag: "Ref", node, output, artifact: artifactOf(row) }
}

/**
 * The inputs of a node by role, `at` its place among `all` of its profile; throws an InputError on what is wired wrongly or
 * not at all.
 */
export const checkedWires = (
  stage: RunnableStage,
  node: string,
  wires: object,
  at: number,
  all: ReadonlyArray<{ readonly name: string }>,
): ReadonlyMap<string, AnyWire> => {
  const from: Array<number> = []
  const checked = new Wires(at, from)
  for (const [role, input] of Object.entries(stage.inputs)) {
    const field = `inputs.${role}`
    if (!Object.hasOwn(wires, role)) {
      throw misdeclared(node, field, "is not wired", "wire it to an artifact or to files")
    }
    const wire: unknown = Reflect.get(wires, role)
    if (input._tag === "Files") {
      if (!isFileSet(wire)) throw misdeclared(node, field, "takes files", "give { title, base, names }")
      checked.set(role, { _tag: "Files", set: wire })
      continue
    }
    const expected = artifactOf(input.row)
    const refs: ReadonlyArray<unknown> = input._tag === "One" ? [wire] : Array.isArray(wire) ? wire : [undefined]
    for (const ref of refs) {
      if (isRef(ref) && ref.artifact === expected) {
        // A reference of another profile says where the node of its name stands there.
        from.push(ref.at !== undefined && all[ref.at]?.name === ref.node ? ref.at : -1)
        continue
      }
      const help = `wire an output of a stage that makes "${expected}"`
      if (!isRef(ref)) throw misdeclared(node, field, `takes ${describeInput(input, expected)}`, help)
      throw misdeclared(node, field, `takes "${expected}", but "${ref.node}" gives "${ref.artifact}"`, help)
    }
    checked.set(role, { _tag: "Artifacts", refs: refs as ReadonlyArray<Ref<unknown>> })
  }
  for (const role of Object.keys(wires)) {
    if (checked.has(role)) continue
    throw misdeclared(node, `inputs.${role}`, `stage "${stage.name}" has no such input`, `use ${listed(stage.inputs)}`)
  }
  return checked
}

const describeInput = (input: Input, artifact: string): string =>
  input._tag === "Many" || input._tag === "Available"
    ? `a list of "${artifact}" artifacts`
    : `one "${artifact}" artifact`

/** Whether something stands for an output of a node. */
export const isRef = (value: unknown): value is Ref<unknown> =>
  typeof value === "object" && value !== null && (value as { _tag?: unknown })._tag === "Ref"

const isFileSet = (value: unknown): value is FileSet =>
  typeof value === "object" && value !== null && Array.isArray((value as { names?: unknown }).names)
