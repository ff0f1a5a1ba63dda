import type { Digest } from "../../base/digest.ts"
import type { Holding } from "../holding.ts"
import type { Finding } from "../verify/finding.ts"
import type { Verified } from "../verify/verify.ts"

/** What of a stage is made again, once a profile needs it. */
export interface Remade {
  readonly stage: string
  readonly nodes: ReadonlyArray<string>
  /** What the actions took before, in milliseconds; those whose records are lost count as much as others of the stage. */
  readonly milliseconds: number | undefined
}

/**
 * The actions that what is damaged or gone is made again by.
 *
 * `nodeOf` gives the node that had a key, where the record of it is lost.
 */
export const remadeBy = (
  { findings, holdings, badObjects }: Pick<Verified, "findings" | "holdings" | "badObjects">,
  nodeOf: (key: Digest) => string | undefined,
  keyOf: (finding: Finding) => Digest | undefined,
): ReadonlyArray<Remade> => {
  const incomplete = new Set(
    findings.flatMap((finding) =>
      finding.state === "incomplete" && finding.kind === "record" ? keyOf(finding) ?? [] : []
    ),
  )
  const again: Array<{ readonly node: string; readonly milliseconds: number | undefined }> = []
  for (const holding of holdings.values()) {
    const { key, node, milliseconds } = holding
    if (incomplete.has(key) || needed(holding).some((digest) => badObjects.has(digest))) {
      again.push({ node, milliseconds })
    }
  }
  for (const finding of findings) {
    const key = finding.kind === "record" && finding.state === "damaged" ? keyOf(finding) : undefined
    const node = key === undefined ? undefined : nodeOf(key)
    if (node !== undefined) again.push({ node, milliseconds: undefined })
  }
  const means = meansByStage(holdings.values())
  return [...Map.groupBy(again, ({ node }) => stageOf(node))].map(([stage, own]) => {
    const mean = means.get(stage)
    const times = own.map(({ milliseconds }) => milliseconds ?? mean)
    return {
      stage,
      nodes: own.map(({ node }) => node),
      milliseconds: times.every((time) => time !== undefined)
        ? times.reduce((sum, time) => sum + time, 0)
        : undefined,
    }
  })
}

/** The objects without which an action counts as not done. */
const needed = ({ outputs, blobs }: Holding): ReadonlyArray<Digest> =>
  [...outputs, ...blobs].map(({ digest }) => digest)

/** A node is named by its stage and what tells it apart from others of that stage. */
const stageOf = (node: string): string => node.split("/", 1)[0] ?? node

const meansByStage = (holdings: Iterable<Holding>): ReadonlyMap<string, number> =>
  new Map([...Map.groupBy(holdings, ({ stage }) => stage)].map(([stage, own]) => [
    stage,
    own.reduce((total, { milliseconds }) => total + milliseconds, 0) / own.length,
  ]))
