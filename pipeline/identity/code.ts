import { Context, Layer, Schema } from "effect"
import { readFileSync } from "node:fs"
import { type Digest, digestOfValue } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import type { Code } from "../store/record.ts"

/**
 * The project's modules as the build saw them, in `dist/<build>/code.json`.
 *
 * A module's digest is of its code with types and comments stripped. `packages` names what it imports from npm.
 */
export const CodeMap = Schema.Struct({
  modules: Schema.Record(
    Schema.String,
    Schema.Struct({
      digest: Schema.String,
      imports: Schema.Array(Schema.String),
      packages: Schema.Array(Schema.String),
    }),
  ),
  versions: Schema.Record(Schema.String, Schema.String),
})
export type CodeMap = typeof CodeMap.Type

/** Knows the code of every stage. */
export class CodeBase extends Context.Service<CodeBase, {
  /** The code of a stage and its digest; throws an InputError where the stage has no folder. */
  readonly of: (stage: string) => { readonly digest: Digest; readonly code: Code }
}>()("redag/CodeBase") {}

/**
 * The code of a stage: the modules reached from `stages/<name>/stage.ts`, and the packages that those import.
 *
 * Left out are the engine's own modules, whose effect on what is written has a version of its own (see `format` in
 * fingerprint.ts), and the package effect, which stages are written in.
 */
export const codeOf = (map: CodeMap, stage: string): Code => {
  const entry = `stages/${stage}/stage.ts`
  if (map.modules[entry] === undefined) {
    throw new InputError({
      file: "dag.config.ts",
      field: stage,
      message: `stage "${stage}" has no module ${entry}`,
      help: "a stage's code is known by that path: move the module there",
    })
  }
  const reached = new Set([entry])
  const packages = new Set<string>()
  for (const id of reached) {
    const module = map.modules[id]
    for (const name of module?.packages ?? []) packages.add(name)
    for (const next of module?.imports ?? []) {
      if (!isEngine(next)) reached.add(next)
    }
  }
  packages.delete("effect")
  return {
    modules: Object.fromEntries([...reached].sort().map((id) => [id, map.modules[id]?.digest ?? ""])),
    packages: Object.fromEntries([...packages].sort().map((name) => [name, map.versions[name] ?? "unknown"])),
  }
}

const isEngine = (id: string): boolean => id.startsWith("redag:pipeline/")

/** The code base that a build described in a file. */
export const layer = (file: string): Layer.Layer<CodeBase> =>
  Layer.sync(CodeBase, () => {
    const map = Schema.decodeUnknownSync(Schema.fromJsonString(CodeMap))(readFileSync(file, "utf8"))
    const known = new Map<string, { readonly digest: Digest; readonly code: Code }>()
    return CodeBase.of({
      of: (stage) => {
        const cached = known.get(stage)
        if (cached !== undefined) return cached
        const code = codeOf(map, stage)
        const found = { digest: digestOfValue("code/1", code), code }
        known.set(stage, found)
        return found
      },
    })
  })
