import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { attemptPromise } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { bytes } from "../../base/text.ts"
import { runIsolated } from "../../doctor/check.ts"
import type { Experiment } from "../../report/experiment.ts"
import { columns, paint } from "../../report/terminal.ts"
import { jsonFlag, Project } from "../project.ts"
import { print, printJson, printNote } from "../text/output.ts"

type Engines = NonNullable<Experiment["engines"]>

const engineArgument = (engines: Engines) =>
  Argument.String("engine").pipe(
    Argument.withDescription(
      `The engine: ${
        Object.entries(engines).map(([name, { title, bytes: size }]) => `${name} (${title}; downloads ${bytes(size)})`)
          .join(", ") || "this experiment declares none"
      }`,
    ),
  )

/** The engine of a name that the experiment declares. */
const declaredEngine = Effect.fnUntraced(function*(name: string) {
  const { experiment: { engines = {} } } = yield* Project
  const found = engines[name]
  if (found !== undefined) return found
  const names = Object.keys(engines)
  return yield* new InputError({
    field: "engine",
    message: `there is no "${name}" to install`,
    help: names.length === 0 ? "this experiment declares none" : `there is: ${names.join(", ")}`,
  })
})

const list = Command.make("list", { json: jsonFlag }, ({ json }) =>
  Effect.gen(function*() {
    const { experiment: { engines = {} } } = yield* Project
    const found = yield* Effect.forEach(Object.entries(engines), ([name, engine]) =>
      Effect.map(
        attemptPromise(() => engine.look()),
        (finding) => ({
          name,
          title: engine.title,
          bytes: engine.bytes,
          folder: engine.folder(),
          ...finding,
        }),
      ))
    if (json) return yield* printJson({ engines: found })
    yield* print(columns(
      ["engine", "state", "what"],
      found.map(({ name, status, title, detail }) => [
        name,
        status === "usable" ? paint.green("installed") : status === "absent" ? "absent" : paint.red("broken"),
        `${title}; ${detail}`,
      ]),
    ))
  })).pipe(Command.withDescription("List the engines that can be installed, and which are"))

const add = (engines: Engines) =>
  Command.make("add", { name: engineArgument(engines) }, ({ name }) =>
    Effect.gen(function*() {
      const { program } = yield* Project
      const engine = yield* declaredEngine(name)
      yield* printNote(`downloads ${bytes(engine.bytes)} into ${engine.folder()}`)
      yield* attemptPromise(() => engine.add())
      const { status, detail, help } = yield* runIsolated(program, engine.check)
      yield* print(`${name} is installed in ${engine.folder()}`)
      if (status === "usable") return yield* print(`${paint.green("usable")}  ${detail}`)
      yield* print(`It cannot be used yet: ${detail}${help === undefined ? "" : `\n  ${paint.cyan("help:")} ${help}`}`)
    })).pipe(Command.withDescription("Download and install an engine into the folder for caches, then try it"))

const remove = (engines: Engines) =>
  Command.make("remove", { name: engineArgument(engines) }, ({ name }) =>
    Effect.gen(function*() {
      const engine = yield* declaredEngine(name)
      const wasThere = yield* attemptPromise(() => engine.remove())
      yield* print(wasThere ? `${name} is removed from ${engine.folder()}` : `${name} was not installed`)
    })).pipe(Command.withDescription("Remove an engine that was installed"))

/** `dag engine`: what computes tensors and is installed apart from the package. */
export const engineCommand = ({ engines = {} }: Pick<Experiment, "engines">) =>
  Command.make("engine").pipe(
    Command.withDescription("Install, list and remove engines that are not in the package, such as CUDA's libraries"),
    Command.withSubcommands([list, add(engines), remove(engines)]),
  )
