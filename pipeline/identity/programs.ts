import { Layer } from "effect"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { canonical } from "../base/canonical.ts"
import { type Digest, digestOf } from "../base/digest.ts"
import { InputError } from "../base/errors.ts"
import { type Code, CodeBase, codeDigest, codeOf } from "./code.ts"
import type { Declarations } from "./declarations.ts"
import { type Options, reachedFrom } from "./order.ts"
import { type Program, programOf } from "./program.ts"

/** What a build knows of the project's code, in `dist/<build>/code.json`. */
export interface BuiltCode {
  readonly declarations: Declarations
  /** By import, what it can reach of what is installed, by package. */
  readonly packages: Readonly<Record<string, Code["packages"]>>
  /** The digest of all of the project's sources. */
  readonly sources: Digest
}

/** The folder of a build's programs. */
const folderOf = (build: string): string => join(build, "programs")

/** The file of a program, by the sha256 of its text. */
export const programFile = (build: string, program: Digest): string => join(folderOf(build), `${program}.mjs`)

/** The file that says where a program's lines come from. */
export const linesFile = (build: string, program: Digest): string => join(folderOf(build), `${program}.json`)

/** The file that says how the files were, at the time of a build, that its programs load while they run. */
export const loadedFile = (build: string): string => join(build, "loaded.json")

/**
 * The code of a build's stages. A program is cut once: its digest is kept beside it, so that a command that executes
 * nothing reads one small file.
 */
export const layer = (build: string): Layer.Layer<CodeBase> =>
  Layer.sync(CodeBase, () => {
    const memory = join(folderOf(build), "digests.json")
    let built: BuiltCode | undefined
    let digests: Record<string, Digest> | undefined
    const known = new Map<string, { readonly digest: Digest; readonly code: Code }>()

    const read = (): BuiltCode => (built ??= JSON.parse(readFileSync(join(build, "code.json"), "utf8")) as BuiltCode)
    const cut = (stage: string, options: Options): ReturnType<typeof programIn> => {
      const { declarations } = read()
      if (declarations.stages[stage] === undefined) {
        throw new InputError({
          file: "dag.config.ts",
          field: stage,
          message: `stage "${stage}" has no module stages/${stage}/stage.ts`,
          help: "move the stage's declaration there: its code is known by that path",
        })
      }
      requireOptions(read().declarations, stage, options)
      const made = programIn(read(), stage, options)
      write(build, made.program)
      return made
    }
    const describe = (program: Program): Code => codeOf(program, reachedBy(program, read().packages), read().sources)

    return CodeBase.of({
      of: (stage, options) => {
        const id = `${stage} ${canonical(options)}`
        const before = known.get(id)
        if (before !== undefined) return before
        digests ??= readDigests(memory)
        let program: Program | undefined
        let code: Code | undefined
        let digest = digests[id]
        if (digest === undefined) {
          ;({ program, digest } = cut(stage, options))
          digests[id] = digest
          writeDigests(memory, digests)
        }
        const found = {
          digest,
          get code(): Code {
            return code ??= describe(program ?? cut(stage, options).program)
          },
        }
        known.set(id, found)
        return found
      },
    })
  })

/** The program of a stage with the options that a node takes, and the digest of its code. */
export const programIn = (
  { declarations, packages, sources }: BuiltCode,
  stage: string,
  options: Options,
): { readonly program: Program; readonly digest: Digest } => {
  const program = programOf(declarations, stage, options)
  return { program, digest: codeDigest(program, reachedBy(program, packages), sources) }
}

/** The packages that a program can reach. */
const reachedBy = ({ imports }: Program, packages: BuiltCode["packages"]): Code["packages"] =>
  Object.fromEntries(
    imports.flatMap((specifier) => Object.entries(packages[specifier] ?? {})).sort(([one], [other]) =>
      one < other ? -1 : 1
    ),
  )

/** Refuses options that a choice has not: a program would load them in vain. */
const requireOptions = (all: Declarations, stage: string, options: Options): void => {
  for (const { pieces, module } of reachedFrom(all, all.stages[stage] ?? 0, options)) {
    for (const piece of pieces) {
      if (typeof piece === "string" || !("choice" in piece)) continue
      const lacking = options[piece.choice]?.find((option) => piece.options[option] === undefined)
      if (lacking === undefined) continue
      throw new InputError({
        file: `stages/${stage}/stage.ts`,
        field: "uses",
        message: `names "${lacking}", which is no ${piece.choice} in ${module}`,
        help: `name one of ${Object.keys(piece.options).map((option) => `"${option}"`).join(", ")}`,
      })
    }
  }
}

/** The digests of code, by stage and options; none where their file is damaged, for keys are made of them. */
const readDigests = (file: string): Record<string, Digest> => {
  try {
    const { check, digests } = JSON.parse(readFileSync(file, "utf8")) as KeptDigests
    return check === digestOf(JSON.stringify(digests)) ? digests : {}
  } catch {
    return {}
  }
}

const writeDigests = (file: string, digests: Record<string, Digest>): void =>
  publish(file, JSON.stringify({ check: digestOf(JSON.stringify(digests)), digests } satisfies KeptDigests))

interface KeptDigests {
  /** The sha256 of the digests as JSON. */
  readonly check: Digest
  readonly digests: Record<string, Digest>
}

const write = (build: string, program: Program): void => {
  const { digest } = program
  if (existsSync(programFile(build, digest))) return
  publish(linesFile(build, digest), JSON.stringify(program.lines()))
  publish(programFile(build, digest), program.text)
}

/** Gives a file its whole content at once, whoever else does the same. */
const publish = (file: string, text: string): void => {
  mkdirSync(join(file, ".."), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, file)
}
