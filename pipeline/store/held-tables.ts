/** Rows as a table has them. */
export type RawRows = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The tables that were read last, as far as they fit into some memory. */
export interface HeldTables {
  readonly find: (key: string) => RawRows | undefined
  /** Freezes rows, through and through, and holds them where they are neither few nor too many. */
  readonly hold: (key: string, rows: RawRows) => void
}

/** What fewer bytes take is read again about as fast as it is found. */
const FEW = 1 << 18

/**
 * Tables in memory, up to so many bytes. Whoever reads one gets the same rows, so they are frozen: a stage that tried to
 * change them would throw, whether it is the first to read them or not.
 */
export const heldTables = (most: number): HeldTables => {
  // The one that was asked for last is the last one.
  const held = new Map<string, { readonly rows: RawRows; readonly bytes: number }>()
  let total = 0
  return {
    find: (key) => {
      const found = held.get(key)
      if (found === undefined) return undefined
      held.delete(key)
      held.set(key, found)
      return found.rows
    },
    hold: (key, rows) => {
      const bytes = frozen(rows)
      if (bytes < FEW || bytes > most || held.has(key)) return
      held.set(key, { rows, bytes })
      total += bytes
      for (const [oldest, { bytes }] of held) {
        if (total <= most) return
        held.delete(oldest)
        total -= bytes
      }
    },
  }
}

/** Freezes a value with all that it holds; about how many bytes it takes. */
const frozen = (value: unknown): number => {
  if (typeof value === "string") return 16 + value.length
  if (typeof value !== "object" || value === null) return 8
  Object.freeze(value)
  let bytes = 24
  if (Array.isArray(value)) { for (const item of value) bytes += frozen(item) }
  else {
    for (const name in value) bytes += frozen((value as Readonly<Record<string, unknown>>)[name])
  }
  return bytes
}
