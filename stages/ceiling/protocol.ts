import { Schema } from "effect"
import { Extraction, Template } from "../shared/language/template.ts"
import { Measure } from "../shared/measures/measures.ts"
import { DecodingParam } from "../shared/params/decoding.ts"
import { SharedTokens } from "../shared/params/lengths.ts"
import { Prompt, Reading, Rendering } from "../shared/params/protocol.ts"

/** What the best possible score depends on. */
export const CeilingProtocol = Schema.Struct({
  template: Template,
  extraction: Extraction,
  rendering: Rendering,
  endOfSequence: Schema.Boolean,
  decoding: DecodingParam,
  reading: Reading,
  prompt: Prompt,
  sharedTokens: SharedTokens,
  measure: Measure,
})
export type CeilingProtocol = typeof CeilingProtocol.Type
