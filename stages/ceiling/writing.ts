import { resolveDecoding } from "../../models/generation/decoding.ts"
import type { Answer, Example } from "../../schemas/examples.ts"
import { readable } from "../shared/language/extraction.ts"
import { clauseOf, clausesFor, ordered } from "../shared/language/rendering.ts"
import type { Template } from "../shared/language/template.ts"
import type { DecodingParam } from "../shared/params/decoding.ts"
import type { Matching, Prompt, Rendering } from "../shared/params/protocol.ts"
import { type Channel, type Described, seenOf, sequenceOf, surrounded, throughTokens, tokensOf } from "./channel.ts"
import { writable } from "./ngrams.ts"

/** Where relations can be lost between the gold annotation and what is read, in order. */
export const steps = ["Template", "Tokenizer", "TargetLength", "SourceLength", "Decoding", "Surroundings"] as const
export type Step = typeof steps[number]

/** What a writer who makes no mistake is held to. */
export interface Rules {
  readonly template: Template
  readonly rendering: Rendering
  readonly decoding: typeof DecodingParam.Type
  readonly prompt: Prompt
  /** Whether every name of a relation is written, or the first alone. */
  readonly variants: Matching["variants"]
}

/** A document as a model would write it, with what a step and those before it do to the text. */
export interface Written {
  /** What relations are read out of after each step, in the order of `steps`. */
  readonly texts: ReadonlyArray<string>
  readonly sourceTruncated: boolean
}

/** All ways to take one of each. */
const combinations = (groups: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<ReadonlyArray<string>> =>
  groups.reduce<ReadonlyArray<ReadonlyArray<string>>>(
    (some, strings) => some.flatMap((taken) => strings.map((string) => [...taken, string])),
    [[]],
  )

/**
 * Each relation by its first names; where every name counts, then each by its other names.
 *
 * The others come last, because what does not fit into the target is cut off at its end.
 */
const clausesOf = (
  document: string,
  answers: ReadonlyArray<Answer>,
  { template, rendering, variants }: Rules,
): ReadonlyArray<string> => {
  const all = ordered(clausesFor(answers, template, rendering), document, rendering.order)
  if (variants === "one") return all
  const others = answers.flatMap(({ label, arguments: groups }) =>
    combinations(groups).map((strings) => clauseOf({ label, arguments: strings.map((string) => [string]) }, template))
  )
  const written = new Set(all)
  return [...all, ...new Set(others.filter((clause) => !written.has(clause)))]
}

/**
 * Writes the relations of a document without a mistake, `answers` being those that have a clause.
 *
 * It says what becomes of the text on its way: as the template has it, in the model's tokens, cut at the target's limit,
 * without relations whose arguments the cut source does not name, without clauses that decoding forbids, and with what
 * stands around it.
 */
export const write = (
  model: Described,
  { document, source, answers }: Example,
  rules: Rules,
  channel: Channel,
): Written => {
  const { template } = rules
  const { noRepeatNgramSize, decoderStartTokenId } = resolveDecoding(model.generation, rules.decoding)
  const join = (clauses: ReadonlyArray<string>): string =>
    clauses.length === 0 ? template.none : clauses.join(template.separator) + template.end

  const [preface = ""] = template.source.split("{text}")
  const seen = seenOf(model, source, preface, channel)
  const tokens = (clauses: ReadonlyArray<string>): ReadonlyArray<number> =>
    tokensOf(model, join(clauses), channel, seen.ids.length)
  const cut = (clauses: ReadonlyArray<string>): string => model.tokenizer.decode(tokens(clauses))
  const isNamed = (answer: Answer): boolean => answer.arguments.every((strings) => strings.some(seen.names))

  const all = clausesOf(document, answers, rules)
  const known = seen.truncated ? clausesOf(document, answers.filter(isNamed), rules) : all
  const allowed = writable(
    known,
    noRepeatNgramSize,
    (clauses) => sequenceOf(model, seen.ids, decoderStartTokenId, tokens(clauses)),
  )
  const { prompt, text } = surrounded(model, seen.ids, tokens(allowed), channel)
  return {
    texts: [
      join(all),
      throughTokens(model, join(all)),
      cut(all),
      cut(known),
      cut(allowed),
      readable({ prompt, text }, rules.prompt),
    ],
    sourceTruncated: seen.truncated,
  }
}
