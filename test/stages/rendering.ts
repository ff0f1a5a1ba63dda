import type { Rendering } from "../../stages/shared/params/protocol.ts"

/** A rendering that does nothing beyond what the paper says, for a corpus whose arguments are ordered. */
export const plain: Rendering = {
  concept: "longest",
  composites: "whole",
  order: "text",
  clauses: "once",
  letters: "kept",
  repeats: "merged",
  reach: "document",
}
