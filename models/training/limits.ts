import type { Description } from "../architectures/architecture.ts"
import { InvalidOption, requireInteger } from "../ir/options.ts"
import { tooFewPositions, tooFewPositionsInAll } from "./messages.ts"

/** The most tokens of a source and of a target. */
export interface TokenLimits {
  readonly maxSourceTokens: number
  readonly maxTargetTokens: number
  /**
   * The most tokens of both together in a decoder-only model, in place of the two limits: the target gets what the
   * source leaves, at least one. Any other model has the two limits, and so has each where this is null or not given.
   */
  readonly sharedTokens?: number | null
}

type SourceLimits = Omit<TokenLimits, "maxTargetTokens">

/** The number of tokens that source and target share; undefined where each has a limit of its own. */
const shared = ({ kind }: Pick<Description, "kind">, { sharedTokens }: SourceLimits): number | undefined =>
  kind === "decoder-only" ? sharedTokens ?? undefined : undefined

/** The most tokens of a source. */
export const sourceLimit = (model: Pick<Description, "kind">, limits: SourceLimits): number => {
  const both = shared(model, limits)
  return both === undefined ? limits.maxSourceTokens : both - 1
}

/** The most tokens of a target behind so many of the source. */
export const targetLimit = (model: Pick<Description, "kind">, limits: TokenLimits, source: number): number => {
  const both = shared(model, limits)
  return both === undefined ? limits.maxTargetTokens : Math.max(1, both - source)
}

/** The most tokens of source and target that a decoder-only model reads; the target's last is predicted, never read. */
export const joinedLimit = (model: Pick<Description, "kind">, limits: TokenLimits): number =>
  (shared(model, limits) ?? limits.maxSourceTokens + limits.maxTargetTokens) - 1

/** Throws `InvalidOption` for limits that make no sense, or where a model has fewer positions than they need. */
export const requireLimits = (model: Description, limits: TokenLimits): void => {
  const { kind, positions, modelType } = model
  const { maxSourceTokens, maxTargetTokens, sharedTokens } = limits
  if (typeof sharedTokens === "number") requireInteger("sharedTokens", sharedTokens, 2)
  const needed = kind === "decoder-only" ? joinedLimit(model, limits) : Math.max(maxSourceTokens, maxTargetTokens)
  if (positions === undefined || needed <= positions) return
  if (shared(model, limits) !== undefined) {
    throw new InvalidOption("sharedTokens", tooFewPositions(needed + 1, modelType, positions))
  }
  if (kind === "decoder-only") {
    throw new InvalidOption("maxSourceTokens", tooFewPositionsInAll(needed, modelType, positions))
  }
  const [option, limit] = maxSourceTokens > positions
    ? ["maxSourceTokens", maxSourceTokens] as const
    : ["maxTargetTokens", maxTargetTokens] as const
  throw new InvalidOption(option, tooFewPositions(limit, modelType, positions))
}
