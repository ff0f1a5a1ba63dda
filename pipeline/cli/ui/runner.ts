import { Effect } from "effect"
import { spawn } from "node:child_process"
import { stripVTControlCharacters } from "node:util"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import { asksForState, selectNodes } from "../../graph/select.ts"
import { Project } from "../project.ts"
import type { StartedMessage } from "./messages.ts"
import type { Asked } from "./route.ts"
import type { View } from "./view.ts"

/** So much of what a run printed is kept, in characters. */
const MOST = 20_000

/** Gives what starts and stops one run at a time, as `dag run` does, where the user allowed it. */
export const makeRunner = Effect.gen(function*() {
  const { root } = yield* Project
  let child: ReturnType<typeof spawn> | undefined
  let printed = ""
  yield* Effect.addFinalizer(() => Effect.sync(() => void child?.kill("SIGTERM")))
  const said = (): StartedMessage => ({ isRunning: child !== undefined, text: printed })

  return {
    started: () => Effect.sync(said),
    run: Effect.fnUntraced(function*({ graph }: View, { body }: Asked) {
      const selectors = selectorsIn(body)
      if (selectors === undefined) return yield* new InputError({ message: "names no nodes", help: "give selectors" })
      if (child !== undefined) {
        return yield* new InputError({ message: "a run of this page is at work", help: "wait for it, or cancel it" })
      }
      // What is no selector of this graph is refused here, and none of them can become a flag of the command.
      yield* attempt(() => asksForState(graph, selectors) || selectNodes(graph, { include: selectors, exclude: [] }))
      const flags = [...graph.filters ?? []].map(([name, text]) => `--${name}=${text}`)
      // Without --yes: what needs a yes of its own, such as prompts that cost money, is refused where nobody can answer.
      const words = ["run", "--profile", graph.profile, ...flags, ...selectors]
      printed = ""
      const own = spawn(process.execPath, [process.argv[1] ?? "", ...words], {
        cwd: root,
        stdio: ["ignore", "pipe", "pipe"],
      })
      child = own
      for (const stream of [own.stdout, own.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          printed = (printed + stripVTControlCharacters(text)).slice(-MOST)
        })
      }
      own.on("error", ({ message }) => (printed = message))
      own.on("close", () => (child = undefined))
      return said()
    }),
    cancel: () =>
      Effect.sync(() => {
        // As Ctrl-C does: on a cluster its jobs are cancelled too.
        child?.kill("SIGINT")
        return said()
      }),
  }
})

const selectorsIn = (body: unknown): ReadonlyArray<string> | undefined =>
  typeof body === "object" && body !== null && "selectors" in body && Array.isArray(body.selectors)
    && body.selectors.every((word) => typeof word === "string" && word !== "" && !word.startsWith("-"))
    ? body.selectors
    : undefined
