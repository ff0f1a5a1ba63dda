import { Effect, Stream } from "effect"
import { StoreError } from "../../../../pipeline/base/errors.ts"
import type { LeasedRemote } from "../../../../pipeline/store/remote/leases.ts"
import { names } from "../../../../pipeline/store/remote/names.ts"

/** What becomes of a call: it is done; it is done and nobody hears so; it is given up, and done later. */
export type Fate = "done" | "unheard" | "late"

/** A remote in memory, as each of those that share it sees it. */
export class MemoryRemote {
  readonly files = new Map<string, Buffer>([[names.format, Buffer.from("{\"redag\":1}")]])
  private readonly late: Array<() => void> = []

  /** Does what was given up and is still under way. */
  readonly arrive = (): void => {
    this.late.shift()?.()
  }

  get isUnderWay(): boolean {
    return this.late.length > 0
  }

  /** `turn` comes before each call, and `fate` says what becomes of one that changes something. */
  seenBy(turn: Effect.Effect<void>, fate: () => Fate = () => "done", keepsConditions = true): LeasedRemote {
    const call = <A>(work: () => A) => Effect.andThen(turn, Effect.sync(work))
    const change = <A>(work: () => A): Effect.Effect<A, StoreError> =>
      Effect.andThen(
        turn,
        Effect.suspend(() => {
          const found = fate()
          if (found === "done") return Effect.succeed(work())
          if (found === "late") this.late.push(work)
          else work()
          return Effect.fail(new StoreError({ path: "memory", message: "cannot be reached", help: "wait" }))
        }),
      )
    return {
      address: "memory",
      read: (name) =>
        call(() => {
          const bytes = this.files.get(name)
          return bytes === undefined ? undefined : { bytes, version: bytes.toString() }
        }),
      write: (name, bytes, condition) =>
        change(() => {
          if (condition._tag === "New" && keepsConditions && this.files.has(name)) return undefined
          this.files.set(name, Buffer.from(bytes))
          return Buffer.from(bytes).toString()
        }),
      list: (prefix) =>
        Stream.unwrap(call(() =>
          Stream.fromIterable(
            [...this.files].filter(([name]) => name.startsWith(prefix)).toSorted((
              [one],
              [other],
            ) => (one < other ? -1 : 1))
              .map(([name, { length }]) => ({ name, size: length, written: 0 })),
          )
        )),
      remove: (name) => change(() => this.files.delete(name)),
    }
  }
}
