import type { Builder } from "redag"
import type { Language } from "../../stages/shared/language/language.ts"
import type { Corpus } from "../corpora.ts"
import { concerns, type Departures } from "../departures.ts"
import { type Protocol, protocolOf } from "../protocol.ts"
import { ReadBack } from "../read-back.ts"

/** What models learn from a corpus: its words, and how it is rendered, generated for, read and counted. */
export interface Task {
  readonly corpus: Corpus
  readonly departures: Departures
  readonly language: (typeof Language)["Encoded"]
  readonly protocol: Protocol
}

/** The task of a corpus where the authors' code departs from the paper in these ways; in none, as the paper says. */
export const taskOf = (dag: Builder, corpus: Corpus, departures: Departures): Task => {
  const merged = departures.has("merged-classes") && concerns("merged-classes", corpus)
  const { template, authorsTemplate = template } = corpus
  return {
    corpus,
    departures,
    language: dag.yaml(merged ? authorsTemplate : template, ReadBack),
    protocol: protocolOf(corpus, departures),
  }
}
