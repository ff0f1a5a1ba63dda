import { nothingToPick } from "./messages.ts"

/** A source of numbers in [0, 1) that is the same on every machine for one seed. */
export interface Random {
  readonly next: () => number
  readonly integer: (below: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(list: readonly A[]) => A
  /** Like `pick`, but the head of the list comes far more often than its tail, as wording does in real text. */
  readonly pickSkewed: <A>(list: readonly A[], skew: number) => A
  readonly shuffle: <A>(list: readonly A[]) => A[]
}

/** FNV-1a over the UTF-16 code units of `text`. */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  }
  return state >>> 0
}

/** Thirty-two hexadecimal digits that depend on `text` alone, shaped like the document ids of the DCE corpus. */
export const hexadecimalId = (text: string): string =>
  ["a", "b", "c", "d"].map((part) => hash(`${part}:${text}`).toString(16).padStart(8, "0")).join("")

/** The generator named by `seed`: any text, so that each corpus and portion draws its own stream. */
export const randomFrom = (seed: string): Random => {
  let state = hash(seed)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  const integer = (below: number): number => Math.floor(next() * below)
  const at = <A>(list: readonly A[], index: number): A => {
    const value = list[index]
    if (value === undefined) throw new Error(nothingToPick(index, list.length))
    return value
  }
  const shuffle = <A>(list: readonly A[]): A[] => {
    const copy = [...list]
    for (let last = copy.length - 1; last > 0; last--) {
      const other = integer(last + 1)
      const held = at(copy, last)
      copy[last] = at(copy, other)
      copy[other] = held
    }
    return copy
  }
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: (list) => at(list, integer(list.length)),
    pickSkewed: (list, skew) => at(list, Math.floor(list.length * next() ** skew)),
    shuffle,
  }
}
