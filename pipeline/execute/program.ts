import { Effect, Logger } from "effect"
import { readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { attempt, attemptPromise } from "../base/attempt.ts"
import { type Digest, digestOf, isDigest } from "../base/digest.ts"
import { InputError, reworded, StageError, StoreError } from "../base/errors.ts"
import { withWords, type Wordless } from "../base/message.ts"
import { compareSources, type SourceStates } from "../base/sources.ts"
import { systemCode, systemReason } from "../base/system.ts"
import type { RunnableStage } from "../graph/node.ts"
import { Progress, type StageFailure } from "../graph/stage.ts"
import { type Code, digestOfCode } from "../identity/code.ts"
import { type LinkedMap, sourceLines } from "../identity/linked-lines.ts"
import type { PreImage } from "../identity/pre-image.ts"
import { linesFile, loadedFile, programFile } from "../identity/programs.ts"
import { Store } from "../store/store.ts"

/** Where programs are, and where the project is whose stages they are. */
export interface ProgramFolders {
  /** The folder of the build. */
  readonly build: string
  readonly root: string
}

/** What a build gives its programs: exports of effect and redag, and modules of messages by their path in the project. */
interface Host {
  readonly given: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly messages: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Of each line of a program, the declaration that it is of and its line in the linked text. */
type Lines = ReadonlyArray<{ readonly module: string; readonly name: string; readonly line: number } | null>

/** Gives the stage that an action executes, as its code has it. */
export type StageOf = (preImage: PreImage) => Effect.Effect<RunnableStage, StageFailure, Store>

/**
 * Loads stages from the programs of a build: what a key was made of is what runs. Each program is loaded once.
 *
 * What a stage fails with gets its words here, and the stack of a defect the places of the sources.
 */
export const stagesFrom = (folders: ProgramFolders): StageOf => {
  // By name too: two stages may share all of their code, where a module makes both.
  const loaded = new Map<string, RunnableStage>()
  return Effect.fnUntraced(function*({ stage: name, code: digest }) {
    const id = `${name} ${digest}`
    const known = loaded.get(id)
    if (known !== undefined) return known
    const store = yield* Store
    const code = yield* store.code(digest)
    if (code === undefined || digestOfCode(code) !== digest) {
      return yield* new StoreError({
        path: store.layout.code.path(digest),
        message: code === undefined ? "is not in the store" : "is not the code of its name",
        help: code === undefined ? "run again: a run saves the code" : "remove it and run again",
      })
    }
    const stage = yield* loadStage(folders, name, code)
    loaded.set(id, stage)
    return stage
  })
}

const unusable = (message: string): StageError =>
  new StageError({ message, help: "remove the folder dist/ of the project and run again", transient: false })

const loadStage = Effect.fnUntraced(function*({ build, root }: ProgramFolders, name: string, code: Code) {
  const { program } = code
  const file = programFile(build, program)
  const text = yield* attempt(() => readFileSync(file, "utf8"), (thrown) => {
    const reason = systemReason(thrown)
    return reason === undefined ? undefined : unusable(`its program cannot be read: ${reason}`)
  })
  if (digestOf(text) !== program) return yield* unusable(`its program ${file} is damaged`)
  const loads = loadsOf(build, code)
  return yield* attemptPromise(async () => {
    const host = await import(pathToFileURL(join(build, "host.mjs")).href) as Host
    const { default: link } = await import(pathToFileURL(file).href) as {
      readonly default: (host: object) => Promise<unknown>
    }
    const linked = await link({
      ...host.given,
      importFrom: async (module: string, specifier: string) => {
        const imported = await importFrom(root, module, specifier)
        requireSame(loads)
        return imported
      },
    })
    requireSame(loads)
    return worded(stageIn(linked, name), host.messages, stackReader(build))
  }, notLoaded)
})

/** Imports what a stage names while it runs, as the module that names it would. */
const importFrom = (root: string, module: string, name: string): Promise<unknown> =>
  import(/^\.{1,2}\//u.test(name) ? pathToFileURL(resolve(root, dirname(module), name)).href : name)

/** The files that say what a program loads while it runs, as they were when its key was made. */
const loadsOf = (build: string, { packages, coarse }: Code): SourceStates => {
  const { noted, files } = JSON.parse(readFileSync(loadedFile(build), "utf8")) as SourceStates
  const own = Object.entries(files).filter(([path]) => {
    const name = /.*[\\/]node_modules[\\/](.+)[\\/]package\.json$/u.exec(path)?.[1]
    return name === undefined ? coarse.length > 0 : packages[name.replaceAll("\\", "/")] !== undefined
  })
  return { noted, files: Object.fromEntries(own) }
}

/** Refuses what was loaded where it may not be what the key was made of: packages are installed during runs too. */
const requireSame = (loads: SourceStates): void => {
  if (compareSources(loads) !== "changed") return
  throw new StageError({
    message: "a package or a source that it loads changed while dag ran",
    help: "run again; what is made is then made with what is there now",
    transient: true,
  })
}

/** What a program throws while it is loaded. */
const notLoaded = (thrown: unknown): StageFailure | undefined =>
  thrown instanceof InputError || thrown instanceof StageError
    ? thrown
    : systemCode(thrown) === "ERR_MODULE_NOT_FOUND"
    ? new StageError({
      message: `imports what is not installed: ${thrown instanceof Error ? thrown.message : ""}`,
      help: "install it, then run again",
      transient: false,
    })
    : undefined

/** A program gives its stage, or all exports of its stage's module. */
const stageIn = (linked: unknown, name: string): RunnableStage => {
  const candidates = isStage(linked)
    ? [linked]
    : typeof linked === "object" && linked !== null
    ? Object.values(linked)
    : []
  const found = candidates.filter(isStage).find((each) => each.name === name)
  if (found === undefined) {
    throw new InputError({
      file: `stages/${name}/stage.ts`,
      message: `exports no stage of the name "${name}"`,
      help: `export a stage whose name is "${name}"`,
    })
  }
  return found
}

const isStage = (value: unknown): value is RunnableStage =>
  typeof value === "object" && value !== null && "name" in value && "run" in value && "params" in value

/** A stage whose failures, warnings, progress and log have words. */
const worded = (
  stage: RunnableStage,
  messages: Host["messages"],
  inSources: (text: string) => string,
): RunnableStage => {
  const words = (text: string): string => withWords(text, (message) => wordsOf(messages, message))
  return {
    ...stage,
    run: (context) =>
      Effect.suspend(() => stage.run(context)).pipe(
        Effect.updateService(Progress, ({ advance, warn, ...progress }) => ({
          ...progress,
          advance: ({ note, ...rest }) => advance(note === undefined ? rest : { ...rest, note: words(note) }),
          warn: (text) => warn(words(text)),
        })),
        Effect.updateService(Logger.CurrentLoggers, (loggers) => new Set([...loggers].map(loggerWith(words)))),
        Effect.mapError((failure) => reworded(failure, words)),
        Effect.catchDefect((defect) => Effect.die(rewordedDefect(defect, (text) => inSources(words(text))))),
      ),
  }
}

/** A logger whose texts get their words. */
const loggerWith = (words: (text: string) => string) => <Output>(logger: Logger.Logger<unknown, Output>) =>
  Logger.make<unknown, Output>((entry) =>
    logger.log({
      ...entry,
      message: [entry.message].flat().map((part: unknown) => typeof part === "string" ? words(part) : part),
    })
  )

/** The same defect with words for messages and the places of sources in its stack. */
const rewordedDefect = (defect: unknown, reword: (text: string) => string): unknown => {
  if (!(defect instanceof Error)) return defect
  const { message, stack = message } = defect
  for (const [name, text] of [["message", message], ["stack", stack]] as const) {
    Object.defineProperty(defect, name, { value: reword(text), configurable: true, writable: true })
  }
  return defect
}

/** The words of a message: the text or the function that its module exports under its name. */
const wordsOf = (messages: Host["messages"], { module, name, facts }: Wordless): string => {
  let found: unknown = messages[module]
  for (const part of name.split(".")) {
    found = typeof found === "object" && found !== null
      ? Reflect.get(found, part)
      : undefined
  }
  if (typeof found === "string") return found
  try {
    if (typeof found === "function") return String((found as (...facts: ReadonlyArray<unknown>) => unknown)(...facts))
  } catch {
    // A failure without good words is more use than the mistake in them.
  }
  return `${name}: ${facts.map((fact) => JSON.stringify(fact)).join(", ")}`
}

/** Puts the places of the sources for those of programs in a stack. */
const stackReader = (build: string) => {
  const known = new Map<Digest, Lines>()
  let sourceLine: ReturnType<typeof sourceLines> | undefined
  const linesOf = (program: Digest): Lines => {
    const before = known.get(program)
    if (before !== undefined) return before
    const lines = JSON.parse(readFileSync(linesFile(build, program), "utf8")) as Lines
    known.set(program, lines)
    return lines
  }
  return (stack: string): string =>
    stack.replaceAll(/at (?:(async )?(\S+) \()?file:[^\s)]*?programs\/([0-9a-f]{64})\.mjs:(\d+):\d+\)?/gu, (
      all: string,
      waits: string | undefined,
      _: string,
      program: string,
      line: string,
    ) => {
      const place = isDigest(program) ? linesOf(program)[Number(line) - 1] : undefined
      if (place === null || place === undefined) return all
      sourceLine ??= sourceLines(JSON.parse(readFileSync(join(build, "lines.json"), "utf8")) as LinkedMap)
      const { name, module } = place
      return `at ${waits ?? ""}${name} (${module}:${sourceLine(place.line, module)})`
    })
}
