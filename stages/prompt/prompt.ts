import type { Example } from "../../schemas/examples.ts"
import type { Prompt } from "../../schemas/prompts.ts"
import type { Shot } from "../../schemas/shots.ts"

/** How the parts of a prompt stand one behind the other. */
export interface Layout {
  /** Between the source of an example and its target. */
  readonly joint: string
  /** Between an example and the next source. */
  readonly between: string
}

/** What prompts are made of. */
export interface Prompting {
  /** In the order in which the sampler drew them, which is that of the prompt. */
  readonly shots: ReadonlyArray<Pick<Shot, "source" | "target">>
  readonly layout: Layout
  /** The most tokens of a prompt. */
  readonly limit: number
  /** Tokens of a text: all of a prompt, or a part of one without what stands around a whole text. */
  readonly tokensOf: (text: string, part: "whole" | "part") => number
}

/**
 * Makes the few-shot prompt of each document: the shots with their targets, then the document's source.
 *
 * Where that is more tokens than the limit, as few shots as possible are left out, the longest first; the others keep
 * their order. A document that is too long without any shot has a prompt of its own source, which does not fit.
 */
export const prompter = ({ shots, layout: { joint, between }, limit, tokensOf }: Prompting) => {
  const parts = shots.map(({ source, target }) => `${source}${joint}${target}${between}`)
  const sizes = parts.map((part) => tokensOf(part, "part"))
  /** The indices of the shots, the shortest first; of two as long, that which was drawn first. */
  const shortest = parts.map((_, index) => index).toSorted((one, other) =>
    (sizes[one] ?? 0) - (sizes[other] ?? 0) || one - other
  )

  return ({ source }: Pick<Example, "source">): { readonly text: string } & Omit<Prompt, "document"> => {
    const last = `${source}${joint}`
    const withShots = (count: number): string => {
      const kept = new Set(shortest.slice(0, count))
      return `${parts.filter((_, index) => kept.has(index)).join("")}${last}`
    }
    // Two parts together may be some tokens fewer than each by itself, never many: no whole prompt with more fits.
    let [count, sum] = [0, tokensOf(last, "part")]
    for (const index of shortest) {
      const more = sum + (sizes[index] ?? 0)
      if (more > limit + count + 1) break
      sum = more
      count++
    }
    for (;; count--) {
      const text = withShots(count)
      const tokens = tokensOf(text, "whole")
      const fits = tokens <= limit
      if (fits || count === 0) return { text, shots: count, leftOut: parts.length - count, tokens, fits }
    }
  }
}
