import type { DecodingParam } from "../stages/shared/params/decoding.ts"
import type { Counters, Matching, Prompt, Rendering } from "../stages/shared/params/protocol.ts"
import { concerns, type DepartureName } from "./departures.ts"
import type { CorpusName } from "./files.ts"

/** How a corpus is rendered, generated for, read and counted: the params that a set of departures comes to. */
export interface Protocol {
  readonly rendering: typeof Rendering.Encoded
  readonly endOfSequence: boolean
  readonly decoding: (typeof DecodingParam)["Encoded"]
  readonly prompt: Prompt
  readonly matching: typeof Matching.Encoded
  readonly counters: Counters
}

/** Relations of these corpora have no first argument: a drug interacts with another as that one does with it. */
const symmetric: ReadonlySet<CorpusName> = new Set(["dce", "ddi"])

/** The params for a corpus where the code departs from the paper in these ways; in none, as the paper says. */
export const protocolOf = (corpus: CorpusName, departures: ReadonlySet<DepartureName>): Protocol => {
  const departs = (name: DepartureName): boolean => departures.has(name) && concerns(name, corpus)
  const unordered = symmetric.has(corpus) && !departs("ordered-duplicates")
  return {
    rendering: {
      concept: departs("greatest-mention") ? "greatest" : "longest",
      order: departs("shuffled-clauses") ? { seed: 0 } : "text",
      letters: departs("lower-cased-gold") ? "lowered" : "kept",
      repeats: departs("ordered-duplicates") ? "kept" : unordered ? "merged in any order" : "merged",
      reach: corpus !== "chemprot" || departs("no-sentence-filter") ? "document" : "sentence",
    },
    endOfSequence: !departs("no-end-token"),
    decoding: departs("inherited-decoding") ? {} : { numBeams: 1, noRepeatNgramSize: 0, earlyStopping: false },
    prompt: departs("prompt-kept") ? "kept" : "dropped",
    matching: {
      arguments: unordered ? "set" : "ordered",
      variants: departs("variants-counted") ? "each" : "one",
      unknown: departs("unknown-ignored") ? "ignored" : "wrong",
    },
    counters: departs("pooled-counters") ? "pooled" : "reset",
  }
}
