import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import { InputError } from "../../base/errors.ts"
import { counted } from "../../base/text.ts"
import { columns } from "../../report/terminal.ts"
import { deliver, deliveredRow } from "../deliver.ts"
import { forceFlag, graphOf, profileFlag } from "../project.ts"
import { print, printNote } from "../text/output.ts"
import { exportedPage } from "../ui/export.ts"
import { routesOf } from "../ui/routes.ts"
import { serve } from "../ui/server.ts"

const MOST_PORT = 65_535

/** `dag ui`: a page on this machine that shows the graph, its runs and its tables. */
export const ui = Command.make("ui", {
  profile: profileFlag,
  port: Flag.Int("port").pipe(
    Flag.withDescription("The port to listen on; a free one if left out"),
    Flag.withDefault(0),
  ),
  allowRun: Flag.Boolean("allow-run").pipe(
    Flag.withDescription("Let the page start and stop runs; it only reads otherwise"),
    Flag.withDefault(false),
  ),
  export: Flag.String("export").pipe(
    Flag.withDescription("Write the page as one file, which needs no server, instead of serving it"),
    Flag.optional,
  ),
  force: forceFlag,
}, ({ profile, port, allowRun, export: file, force }) =>
  Effect.gen(function*() {
    if (port < 0 || port > MOST_PORT) {
      return yield* new InputError({
        field: "--port",
        message: `${port} is no port`,
        help: `give a number from 1 to ${MOST_PORT}, or leave --port out`,
      })
    }
    // A mistake in the command line is said before anybody opens a page.
    yield* graphOf(profile)
    const served = yield* routesOf(profile, allowRun && Option.isNone(file))
    if (Option.isSome(file)) {
      const { html, left } = yield* exportedPage(served.routes)
      const written = yield* deliver([{ file: resolve(file.value), wanted: { content: html } }], force)
      yield* print(columns(["written", ">size"], written.map(deliveredRow)))
      if (left > 0) yield* printNote(`${counted(left, "part")} had no room in it: dag ui shows all`)
      return
    }
    const { address } = yield* serve(served, port)
    yield* print(address)
    yield* printNote("open this address in a browser of this machine; Ctrl-C ends it")
    // The first page that asks need not wait for the first look.
    yield* Effect.ignore(served.ready)
    return yield* Effect.never
  }).pipe(Effect.scoped)).pipe(
    Command.withDescription("Serve a page on this machine that shows the graph, runs, tables and results"),
  )
