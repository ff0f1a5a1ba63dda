/** Lends GPUs by their ids, one or several to an action. */
export interface Gpus {
  /**
   * The ids of so many GPUs that fewer than `share` actions hold, each of which agrees to as many; undefined where there
   * are not so many now. What is held by others already comes first, so that whole ones stay free. `beside` says how many
   * each of those lets share a GPU that hold it in other runs.
   */
  readonly find: (count: number, share: number, beside?: Beside) => ReadonlyArray<string> | undefined
  /** Whether no GPU of these is held by more than all that hold it agree to. */
  readonly agrees: (ids: ReadonlyArray<string>, beside: Beside) => boolean
  /** Notes that an action holds these, of which each may be held by so many. */
  readonly lend: (ids: ReadonlyArray<string>, share: number) => void
  readonly takeBack: (ids: ReadonlyArray<string>, share: number) => void
}

/** By id, how many each of those lets share a GPU that hold it in other runs. */
export type Beside = ReadonlyMap<string, ReadonlyArray<number>>

const nobody: Beside = new Map()

/** GPUs of which none is lent. Each holds, by holder, how many the holder lets share it. */
export const makeGpus = (ids: ReadonlyArray<string>): Gpus => {
  const holders = new Map<string, Array<number>>(ids.map((id) => [id, []]))
  return {
    find: (count, share, beside = nobody) => {
      const free = [...holders].flatMap(([id, held]) => {
        const all = [...held, ...beside.get(id) ?? []]
        return all.length < Math.min(share, ...all) ? [{ id, holders: all.length }] : []
      })
      if (free.length < count) return undefined
      return free.toSorted((one, other) => other.holders - one.holders).slice(0, count).map(({ id }) => id)
    },
    agrees: (ids, beside) =>
      ids.every((id) => {
        const all = [...holders.get(id) ?? [], ...beside.get(id) ?? []]
        return all.length <= Math.min(...all)
      }),
    lend: (lent, share) => {
      // One that an earlier run lent, and that this one has not, is none of this one's.
      for (const id of lent) holders.get(id)?.push(share)
    },
    takeBack: (lent, share) => {
      for (const id of lent) {
        const held = holders.get(id) ?? []
        const at = held.indexOf(share)
        if (at >= 0) held.splice(at, 1)
      }
    },
  }
}
