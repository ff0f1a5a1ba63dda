import { choice } from "redag"
import type { ComposedDocument, DocumentPlan } from "./compose.ts"
import { composeClauses, composeDocument } from "./compose.ts"
import type { PatternBook } from "./pattern.ts"
import type { Random } from "./random.ts"
import { randomFrom } from "./random.ts"

/** The corpora that are written, in the order of the results table. */
export const corpusNames = ["cdr", "dce", "chemprot", "ddi"] as const
export type CorpusName = (typeof corpusNames)[number]

/** What the documents are for: the committed corpora or the mini model's pretraining. Their patterns never meet. */
export type Purpose = "sample" | "pretraining"

/** The patterns of each corpus. */
export const patterns = choice("patterns", {
  cdr: () => import("./patterns/cdr.ts"),
  dce: () => import("./patterns/dce.ts"),
  chemprot: () => import("./patterns/chemprot.ts"),
  ddi: () => import("./patterns/ddi.ts"),
})

type Plan = Omit<DocumentPlan, "skew">

/** Pretraining documents are shorter: what pairs two names is learned soonest where few names stand about. */
const plans: Readonly<Record<Purpose, Readonly<Record<CorpusName, Plan>>>> = {
  sample: {
    cdr: { stating: [1, 1, 1, 2, 2, 3], distracting: [0, 1, 1, 2], framing: [0, 0, 1], reuse: 0.25 },
    dce: { stating: [0, 1, 1, 1, 2], distracting: [0, 1], framing: [0], reuse: 0 },
    chemprot: { stating: [0, 1, 1, 2, 2, 3], distracting: [0, 1, 1, 2], framing: [0, 0, 1], reuse: 0.2 },
    ddi: { stating: [0, 1, 1, 2, 2, 3], distracting: [0, 1, 1, 2], framing: [0, 0, 1], reuse: 0.2 },
  },
  pretraining: {
    cdr: { stating: [1, 1, 1, 2, 3], distracting: [0, 1], framing: [0, 0, 0, 1], reuse: 0.2 },
    dce: { stating: [0, 1, 1, 1, 2], distracting: [0, 1], framing: [0], reuse: 0 },
    chemprot: { stating: [0, 1, 1, 1, 2, 3], distracting: [0, 1], framing: [0, 0, 0, 1], reuse: 0.2 },
    ddi: { stating: [0, 1, 1, 1, 2, 3], distracting: [0, 1], framing: [0, 0, 0, 1], reuse: 0.2 },
  },
}

/** In the sample corpora some patterns are common and some are rare, so that more documents teach more of them. */
const skews: Readonly<Record<Purpose, number>> = { sample: 1.4, pretraining: 1 }

const compose = (book: PatternBook, corpus: CorpusName, purpose: Purpose, random: Random): ComposedDocument => {
  const plan = { ...plans[purpose][corpus], skew: skews[purpose] }
  return corpus === "dce" ? composeClauses(book, plan, random) : composeDocument(book, plan, random)
}

const textOf = (document: ComposedDocument): string =>
  [document.title, ...document.sentences].map((passage) => passage.text).join(" ")

/** CDR has no document without a relation; the other corpora do. */
const acceptable = (corpus: CorpusName, document: ComposedDocument): boolean =>
  corpus !== "cdr" || [document.title, ...document.sentences].some((passage) => passage.relations.length > 0)

/** Documents without end, no text twice. */
export function* documentsOf(
  book: PatternBook,
  corpus: CorpusName,
  purpose: Purpose,
  seed: number,
): Generator<ComposedDocument, never> {
  const random = randomFrom(`${purpose}/${corpus}/${seed}`)
  const seen = new Set<string>()
  for (;;) {
    const document = compose(book, corpus, purpose, random)
    const text = textOf(document)
    if (seen.has(text) || !acceptable(corpus, document)) continue
    seen.add(text)
    yield document
  }
}
