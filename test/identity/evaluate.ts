import { Cause, Effect, Exit, Schema } from "effect"
import * as effect from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { canonical } from "../../pipeline/base/canonical.ts"
import { type Digest, digestOfValue } from "../../pipeline/base/digest.ts"
import { withWords } from "../../pipeline/base/message.ts"
import { projectCode } from "../../pipeline/build/project-code.ts"
import { expand } from "../../pipeline/graph/expand.ts"
import type { AnyWire, Node, RunnableStage } from "../../pipeline/graph/node.ts"
import { Blobs, Progress, Replies, Unfinished } from "../../pipeline/graph/stage.ts"
import { columnsDigest } from "../../pipeline/identity/fingerprint.ts"
import { programIn } from "../../pipeline/identity/programs.ts"
import * as redag from "../../pipeline/index.ts"
import type { Experiment } from "../../pipeline/report/experiment.ts"
import { type Files, repository } from "./files.ts"

/** What a node gives: rows by output, or the words of its failure. */
type Given = Readonly<Record<string, unknown>>

/** A node of a project as it was read and run. */
export interface Evaluated {
  /** What stands for its key while its inputs are those of the base. */
  readonly key: Digest
  /** What its sources give when Node runs them as they are, and what its program gives. */
  readonly native: string
  readonly program: string
  readonly failed: boolean
  /** The declarations of its program, as "module: name". */
  readonly parts: Readonly<Record<string, string>>
}

export interface Evaluation {
  readonly nodes: ReadonlyMap<string, Evaluated>
  /** What nodes gave, as the inputs of others. */
  readonly given: ReadonlyMap<string, Given>
}

/**
 * Runs every node of a project twice: as Node runs its sources, and as redag cuts its program. Its inputs are what the
 * nodes of `base` gave, so that nodes differ by what was edited alone.
 */
export const evaluate = async (files: Files, root: string, base?: Evaluation): Promise<Evaluation> => {
  files.writeTo(root)
  const { code, linked } = await projectCode(root, repository)
  for (const [target, file] of linked.data) {
    mkdirSync(dirname(join(root, "dist/programs", target)), { recursive: true })
    writeFileSync(join(root, "dist/programs", target), files.read(file.slice(root.length + 1)))
  }
  const config = await import(pathToFileURL(join(root, "dag.config.ts")).href) as { readonly default: Experiment }
  const messages: Record<string, object> = {}
  for (const file of linked.messages) messages[file] = await import(pathToFileURL(join(root, file)).href) as object

  const nodes = new Map<string, Evaluated>()
  const given = new Map<string, Given>()
  // As modules are, a program is loaded once.
  const stages = new Map<string, RunnableStage>()
  for (const profile of Object.keys(config.default.profiles)) {
    for (const node of expand(config.default, profile, root).nodes.values()) {
      const name = `${profile === config.default.defaultProfile ? "" : `${profile}:`}${node.name}`
      const { program, digest } = programIn(code, node.stage.name, node.options)
      const file = join(root, "dist/programs", `${program.digest}.mjs`)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, program.text)
      const source = base?.given ?? given
      const native = await run(node, node.stage, profile === config.default.defaultProfile ? "" : `${profile}:`, source)
      const stage = stages.get(file) ?? await stageOf(file, root, node.stage.name)
      stages.set(file, stage)
      const programmed = await run(node, stage, profile === config.default.defaultProfile ? "" : `${profile}:`, source)
      const outputs = Object.fromEntries(
        Object.entries(node.stage.outputs).map(([role, row]) => [role, columnsDigest(row)]),
      )
      given.set(name, native)
      nodes.set(name, {
        key: digestOfValue("test/1", { stage: node.stage.name, params: node.params, outputs, code: digest }),
        native: canonical(native),
        program: canonical(worded(programmed, messages)),
        failed: "failure" in native,
        parts: program.parts(),
      })
    }
  }
  return { nodes, given }
}

const stageOf = async (file: string, root: string, name: string): Promise<RunnableStage> => {
  const { default: link } = await import(pathToFileURL(file).href) as {
    readonly default: (host: object) => Promise<Readonly<Record<string, unknown>>>
  }
  const linked = await link({
    effect,
    redag,
    importFrom: (module: string, specifier: string) =>
      import(specifier.startsWith(".") ? pathToFileURL(resolve(root, dirname(module), specifier)).href : specifier),
  })
  const stages = "run" in linked ? [linked] : Object.values(linked)
  const found = stages.find((each) => typeof each === "object" && each !== null && "name" in each && each.name === name)
  if (found === undefined) throw new Error(`the program holds no stage ${name}`)
  return found as RunnableStage
}

const run = async (
  node: Node,
  stage: RunnableStage,
  prefix: string,
  given: ReadonlyMap<string, Given>,
): Promise<Given> => {
  const table = ({ node, output }: Extract<AnyWire, { _tag: "Artifacts" }>["refs"][number]) => ({
    digest: "",
    rows: Effect.succeed(given.get(`${prefix}${node}`)?.[output] ?? []),
  })
  const inputs = Object.fromEntries(
    [...node.inputs].flatMap(([role, wire]) => {
      if (wire._tag !== "Artifacts") return []
      const tables = wire.refs.map(table)
      return [[role, stage.inputs[role]?._tag === "One" ? tables[0] : tables]]
    }),
  )
  const exit = await Effect.runPromiseExit(
    Effect.suspend(() =>
      stage.run({
        params: Schema.decodeUnknownSync(stage.params)(JSON.parse(canonical(node.params))),
        inputs: inputs as never,
      })
    ).pipe(
      Effect.provideService(Progress, {
        advance: () => Effect.void,
        count: () => Effect.void,
        warn: () => Effect.void,
        made: () => Effect.void,
      }),
      Effect.provideService(Blobs, { put: unused, putFile: unused, path: unused }),
      Effect.provideService(Replies, {
        find: () => Effect.die("nothing is asked"),
        keep: () => Effect.die("nothing is asked"),
        turn: () => Effect.die("nothing is asked"),
      }),
      Effect.provideService(Unfinished, {
        restore: unused(),
        save: unused,
        isWhole: unused,
        interval: unused(),
      }),
    ),
  )
  if (Exit.isSuccess(exit)) return exit.value
  const failure = Cause.squash(exit.cause)
  const told = failure instanceof Error
    ? { ...Object.fromEntries(Object.entries(failure)), message: failure.message }
    : String(failure)
  return { failure: told }
}

/** What a program failed with, in words. */
const worded = (given: Given, messages: Readonly<Record<string, object>>): Given => {
  const { failure } = given
  if (typeof failure !== "object" || failure === null) return given
  const told = Object.entries(failure).map(([name, fact]) => [
    name,
    typeof fact === "string" ? withWords(fact, (message) => wordsOf(messages, message)) : fact,
  ])
  return { failure: Object.fromEntries(told) as object }
}

const unused = (): Effect.Effect<never> => Effect.die("the laboratory has no such service")

const wordsOf = (
  messages: Readonly<Record<string, object>>,
  { module, name, facts }: { readonly module: string; readonly name: string; readonly facts: ReadonlyArray<unknown> },
): string => {
  let found: unknown = messages[module]
  for (const part of name.split(".")) {
    found = typeof found === "object" && found !== null
      ? Reflect.get(found, part)
      : ""
  }
  return typeof found === "function" ? String(Reflect.apply(found, undefined, facts)) : String(found)
}
