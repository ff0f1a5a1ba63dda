import { Effect, Option } from "effect"
import { attempt } from "../../base/attempt.ts"
import { InputError } from "../../base/errors.ts"
import type { Held } from "../held-results.ts"
import { encoded } from "../tables.ts"
import { print, printJson } from "../text/output.ts"

/** `dag results --details [CELL]`: what the numbers of cells do not show. */
export const printDetails = Effect.fnUntraced(function*(
  { view: { details }, outputs, tables, provenance: { flags } }: Held,
  named: Option.Option<string>,
  json: boolean,
) {
  if (details === undefined) {
    return yield* new InputError({
      file: "dag.config.ts",
      message: "declares no details of its results",
      help: "say as `details` of the results what they are",
    })
  }
  const cell = Option.getOrUndefined(named)
  if (!json) return yield* print(yield* attempt(() => details.text(tables, cell, process.stdout.columns, flags)))
  const rows = yield* attempt(() => details.rows(tables, cell))
  yield* printJson(
    Object.fromEntries(
      outputs.flatMap(({ name, row }) => (rows[name] === undefined ? [] : [[name, encoded(row, rows[name])]])),
    ),
  )
})
