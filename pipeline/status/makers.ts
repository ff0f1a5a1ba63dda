import { Effect } from "effect"
import type { Digest } from "../base/digest.ts"
import type { ActionRecord } from "../store/record.ts"
import { Store } from "../store/store.ts"

/** An action that made something, and the node of the graph that stands for it now; undefined where none does. */
export interface Maker {
  readonly node: string | undefined
  readonly record: ActionRecord
}

/**
 * Finds the actions that made bytes, among all actions of the store. They are read when they are first looked for.
 *
 * `records` are the actions that the nodes of the graph stand for.
 */
export const makersIn = Effect.fnUntraced(function*(records: ReadonlyMap<string, ActionRecord>) {
  const store = yield* Store
  const nodes = new Map<Digest, string>()
  // Of twins the first in the graph's order.
  for (const [node, { key }] of records) if (!nodes.has(key)) nodes.set(key, node)
  const byId = new Map<string, Maker>([...records].map(([node, record]) => [node, { node, record }]))
  const all = yield* Effect.cached(Effect.gen(function*() {
    const byDigest = new Map<Digest, Array<Maker>>()
    const note = (record: ActionRecord): void => {
      const node = nodes.get(record.key)
      const maker: Maker = { node, record }
      if (node === undefined) byId.set(record.key, maker)
      for (const digest of new Set(Object.values(record.outputs).map(({ digest }) => digest))) {
        const known = byDigest.get(digest)
        if (known === undefined) byDigest.set(digest, [maker])
        else known.push(maker)
      }
    }
    for (const key of yield* store.keys) {
      // A record that cannot be read says nothing; "dag verify" names it.
      const record = yield* store.record(key).pipe(Effect.orElseSucceed(() => undefined))
      if (record !== undefined) note(record)
    }
    return byDigest
  }))
  const madeBy = (digest: Digest) => Effect.map(all, (byDigest) => byDigest.get(digest) ?? [])

  return {
    /** A maker by the name of its node, or by its key where it has none and was found before. */
    known: (id: string): Maker | undefined => byId.get(id),

    /** The action that most likely made the bytes that `taker` took. */
    of: (digest: Digest, wired: string | undefined, taker: ActionRecord) =>
      Effect.map(madeBy(digest), (makers) => likeliest(makers, wired, taker)),

    /** Where `own` made bytes after `taker` had taken them: the action that had made them before, if one is known. */
    before: Effect.fnUntraced(function*(digest: Digest, wired: string, own: ActionRecord, taker: ActionRecord) {
      if (endOf(own) <= startOf(taker)) return undefined
      const earlier = (yield* madeBy(digest)).filter(({ record }) =>
        record.key !== own.key && endOf(record) <= startOf(taker)
      )
      return likeliest(earlier, wired, taker)
    }),
  }
})

/**
 * Of actions that made the same bytes, the one that `taker` took them from as far as one can say: of the wired node
 * rather than of its stage, of that rather than of another; one that had ended before rather than a later one; the last.
 */
const likeliest = (
  makers: ReadonlyArray<Maker>,
  wired: string | undefined,
  taker: ActionRecord,
): Maker | undefined => {
  const rank = ({ node, record }: Maker): ReadonlyArray<number> => [
    node === wired || record.node === wired ? 1 : 0,
    record.preImage.stage === wired?.split("/")[0] ? 1 : 0,
    endOf(record) <= startOf(taker) ? 1 : 0,
    startOf(record),
  ]
  return makers.filter(({ record }) => record.key !== taker.key)
    .map((maker) => ({ maker, rank: rank(maker) }))
    .toSorted((one, other) => {
      const at = one.rank.findIndex((value, index) => value !== other.rank[index])
      return at < 0 ? 0 : (other.rank[at] ?? 0) - (one.rank[at] ?? 0)
    })[0]?.maker
}

const startOf = ({ started }: ActionRecord): number => Date.parse(started)
const endOf = (record: ActionRecord): number => startOf(record) + record.milliseconds
