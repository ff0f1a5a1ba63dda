import { Effect } from "effect"
import { attempt, InputError } from "redag"
import { generateConstrained } from "../../models/generation/constraints/generate.ts"
import type { GenerateOptions } from "../../models/generation/generate.ts"
import { attemptModel } from "../shared/models/failures.ts"
import type { ConstraintParam } from "../shared/params/constraint.ts"
import { grammarOf } from "./grammar.ts"
import * as messages from "./messages.ts"

/** Writes the likeliest of what the template allows. */
export const writer = Effect.fnUntraced(function*(options: GenerateOptions, constraint: ConstraintParam | undefined) {
  // The choice of this module is that there is a constraint.
  if (constraint === undefined) return yield* Effect.die(new Error(messages.noConstraint))
  const grammar = yield* attempt(() => grammarOf(constraint))
  const names = yield* attempt(() => options.sources.map((source) => namesOf(source, constraint)))
  return yield* attemptModel(() => generateConstrained(options, { grammar, names }))
})

/** The text that a source was rendered of, and behind it the same as extraction rewrites names. */
export const namesOf = (source: string, { template, extraction }: ConstraintParam): string => {
  const [before = "", behind = ""] = template.source.split("{text}")
  if (!source.startsWith(before) || !source.endsWith(behind)) {
    throw new InputError({ ...messages.otherSource, field: "constraint.template.source" })
  }
  const text = source.slice(before.length, source.length - behind.length)
  const rewritten = (extraction.rewrite ?? []).reduce((so, { from, to }) => so.replaceAll(from, to), text)
  // No name goes on over the end of a line.
  return rewritten === text ? text : `${text}\n${rewritten}`
}
