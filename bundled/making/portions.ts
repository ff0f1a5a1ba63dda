import type { ComposedDocument } from "../../stages/compose/compose.ts"
import { type CorpusName, documentsOf, type Purpose } from "../../stages/compose/corpora.ts"
import type { PatternBook } from "../../stages/compose/pattern.ts"
import * as cdr from "../../stages/compose/patterns/cdr.ts"
import * as chemprot from "../../stages/compose/patterns/chemprot.ts"
import * as dce from "../../stages/compose/patterns/dce.ts"
import * as ddi from "../../stages/compose/patterns/ddi.ts"

/** The patterns of both purposes. */
export const books: Readonly<Record<CorpusName, Readonly<Record<Purpose, PatternBook>>>> = { cdr, dce, chemprot, ddi }

/** Composed documents by portion; a corpus without an official development set has none there. */
export interface Portions {
  readonly train: readonly ComposedDocument[]
  readonly dev: readonly ComposedDocument[]
  readonly test: readonly ComposedDocument[]
}

/** How many documents each portion has. */
export type PortionSizes = Readonly<Record<keyof Portions, number>>

/** A whole corpus: portions drawn one after the other from one stream, so that no document is in two of them. */
export const composePortions = (corpus: CorpusName, purpose: Purpose, seed: number, sizes: PortionSizes): Portions => {
  const stream = documentsOf(books[corpus][purpose], corpus, purpose, seed)
  const take = (size: number): readonly ComposedDocument[] => Array.from({ length: size }, () => stream.next().value)
  return { train: take(sizes.train), dev: take(sizes.dev), test: take(sizes.test) }
}
