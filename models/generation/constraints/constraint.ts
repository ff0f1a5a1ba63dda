import { Automaton } from "./automaton.ts"
import type { Grammar } from "./grammar.ts"
import { inWords, wordsOf } from "./moses.ts"
import { nameSource } from "./names.ts"
import type { Vocabulary } from "./spelling.ts"

/** What texts a constraint allows: a grammar in characters, and the text of each source that names are taken from. */
export interface Constraint {
  readonly grammar: Grammar
  readonly names: readonly string[]
}

/** Makes the automaton of each source of a constraint, in the units of a vocabulary. */
export const automata = ({ grammar, names }: Constraint, vocabulary: Vocabulary): (index: number) => Automaton => {
  const { unitsOf } = vocabulary
  if (vocabulary.spells === "words") {
    const written = inWords(grammar)
    return (index) => {
      const text = names[index] ?? ""
      return new Automaton(written, { ...nameSource(text, unitsOf), words: wordsOf(text) }, vocabulary)
    }
  }
  const inUnits = (text: string): string => Array.from(text, unitsOf).join("")
  const written: Grammar = {
    starts: grammar.starts,
    segments: grammar.segments.map((segment) =>
      segment._tag === "Words"
        ? { ...segment, text: inUnits(segment.text) }
        : {
          ...segment,
          guards: segment.guards.map(({ text, left, right }) => ({
            text: inUnits(text),
            left: inUnits(left),
            right: inUnits(right),
          })),
        }
    ),
  }
  return (index) => new Automaton(written, nameSource(names[index] ?? "", unitsOf), vocabulary)
}
