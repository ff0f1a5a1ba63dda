import { type ComposedDocument, composeDocument, type DocumentPlan } from "../../stages/compose/compose.ts"
import { patternBook } from "../../stages/compose/pattern.ts"
import { randomFrom } from "../../stages/compose/random.ts"
import { bioredKinds } from "./biored-names.ts"
import type { Portions, PortionSizes } from "./portions.ts"

/** Sentences about genes, illnesses, drugs and variants, with the types of BioRED and whether they say something new. */
const book = patternBook({
  titles: `
  Effects of {c} on {d} in {s}.
  New insights into {p} action.
  The role of {v} in {d}.
  A study of {c} and {c2}.
  `,
  stating: `
  We report that {c} caused {d} in {s}. => Positive_Correlation/Novel c d
  It is known that {c} is used to treat {d}. => Negative_Correlation/No c d
  In our study {p} was related to {d}. => Association/Novel p d
  Our results show that {c} lowered the expression of {p}. => Negative_Correlation/Novel c p
  It is well known that {p} is related to {d}. => Association/No p d
  Our findings suggest that {v} increased the risk of {d}. => Positive_Correlation/Novel v d
  Levels of {p} increased after {c} in {l} cells. => Positive_Correlation/Novel c p
  In {s}, the combination of {c} with {c2} improved survival. => Cotreatment/Novel c c2
  We found {v} of {p} in {s} with {d}. => Association/Novel v d
  In binding assays {c} was bound by {p}. => Bind/Novel c p
  We compared {c} with {c2} in {s}. => Comparison/Novel c c2
  It is known that {c} causes {d}. => Positive_Correlation/No c d
  We observed that {p} is bound by itself in {l} cells. => Bind/Novel p p
  A new interaction of {c} with {c2} was seen. => Drug_Interaction/Novel c c2
  It is known that {c} interacts with {c2}. => Drug_Interaction/No c c2
  It is known that the liver converts {c} into {c2}. => Conversion/No c c2
  It is known that {p} is bound by {p2}. => Bind/No p p2
  `,
  distracting: `
  No {d} was seen with {c}.
  Levels of {p} were normal in {s}.
  Expression of {p} in {l} cells did not change with {c}.
  Neither {v} nor {v2} was related to {d}.
  All {s} received {c} only.
  `,
  framing: `
  These results suggest a new target.
  Further studies are needed.
  The mechanism remains unclear.
  `,
}, bioredKinds)

const plan: DocumentPlan = {
  stating: [0, 1, 1, 2, 2, 3],
  distracting: [0, 1, 1, 2],
  framing: [0, 0, 1],
  skew: 1.4,
  reuse: 0.25,
  kinds: bioredKinds,
}

/** The documents of the bundled BioRED by portion, no text twice. */
export const composeBiored = (seed: number, sizes: PortionSizes): Portions => {
  const random = randomFrom(`sample/biored/${seed}`)
  const seen = new Set<string>()
  const one = (): ComposedDocument => {
    for (;;) {
      const document = composeDocument(book, plan, random)
      const text = [document.title, ...document.sentences].map((passage) => passage.text).join(" ")
      if (seen.has(text)) continue
      seen.add(text)
      return document
    }
  }
  const take = (length: number): ReadonlyArray<ComposedDocument> => Array.from({ length }, one)
  return { train: take(sizes.train), dev: take(sizes.dev), test: take(sizes.test) }
}
