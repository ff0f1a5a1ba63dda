import type { DecodingParam } from "../stages/shared/params/decoding.ts"
import type { Counters, Matching, Prompt, Reading, Rendering } from "../stages/shared/params/protocol.ts"
import type { Corpus } from "./corpora.ts"
import { concerns, type DepartureName, type Departures } from "./departures.ts"

/** How a corpus is rendered, generated for, read and counted: the params that a set of departures comes to. */
export interface Protocol {
  readonly rendering: typeof Rendering.Encoded
  readonly endOfSequence: boolean
  /** Whether prompt and output of a decoder-only model have limits of their own, or share one. */
  readonly lengths: "apart" | "shared"
  readonly decoding: (typeof DecodingParam)["Encoded"]
  readonly reading: Reading
  readonly prompt: Prompt
  readonly matching: typeof Matching.Encoded
  readonly counters: Counters
}

/** The params for a corpus where the code departs from the paper in these ways; in none, as the paper says. */
export const protocolOf = (corpus: Corpus, departures: Departures): Protocol => {
  const departs = (name: DepartureName): boolean => departures.has(name) && concerns(name, corpus)
  const unordered = corpus.arguments === "set"
    || (corpus.arguments === "symmetric" && !departs("ordered-duplicates"))
  return {
    rendering: {
      concept: departs("greatest-mention") ? "greatest" : "longest",
      composites: departs("composite-names") ? "whole and parts" : "whole",
      order: departs("shuffled-clauses") ? { seed: 0 } : departs("file-order") ? "file" : "text",
      clauses: departs("repeated-clauses") ? "each" : "once",
      letters: departs("lower-cased-gold") ? "lowered" : "kept",
      repeats: departs("ordered-duplicates") ? "kept" : unordered ? "merged in any order" : "merged",
      reach: departs("no-sentence-filter") ? "document" : corpus.reach,
    },
    endOfSequence: !departs("no-end-token"),
    lengths: departs("shared-length") ? "shared" : "apart",
    decoding: departs("inherited-decoding") ? {} : { numBeams: 1, noRepeatNgramSize: 0, earlyStopping: false },
    reading: {
      search: departs("core-words") ? "core words" : "all words",
      blanks: departs("blanks-kept") ? "kept" : "dropped",
    },
    prompt: departs("prompt-kept") ? "kept" : "dropped",
    matching: {
      arguments: unordered ? "set" : "ordered",
      variants: departs("variants-counted") ? "each" : "one",
      unknown: departs("unknown-ignored") ? "ignored" : "wrong",
    },
    counters: departs("pooled-counters") ? "pooled" : "reset",
  }
}
