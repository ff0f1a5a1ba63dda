import type { Effect } from "effect"
import type { DagError } from "../../base/errors.ts"
import type { Answers } from "./messages.ts"

/** What a request says, once it is let through. */
export interface Asked {
  /** The parts of the path behind the route's own name, decoded. They are looked up in maps; none is a path of a file. */
  readonly path: ReadonlyArray<string>
  readonly query: URLSearchParams
  /** What a request that does something says, as JSON. */
  readonly body: unknown
}

/** What answers requests of one name: `/api/NAME/…`. */
export interface Route<A, R> {
  readonly method: "GET" | "POST"
  /** The answer, which is sent as JSON; undefined where there is no such thing. */
  readonly answer: (asked: Asked) => Effect.Effect<A | undefined, DagError, R>
}

/** What there is to ask for, by name. What is not allowed is not there. */
export type Routes<R> = { readonly [Name in keyof Answers]?: Route<Answers[Name], R> }
