import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import type { StoreError } from "../../base/errors.ts"
import { TEMPORARIES } from "./names.ts"
import type { Answer, Ask } from "./s3-client.ts"

/** What a server says to a condition that it knows nothing of: 400, or 501. */
const unknown = [400, 501]

/**
 * Whether a server keeps conditions: it is asked to write a new object where one stands, and to replace a version that
 * is not there. One that takes the headers and ignores them does both.
 */
export const probed = Effect.fnUntraced(function*(
  ask: (ask: Ask) => Effect.Effect<Answer, StoreError>,
): Effect.fn.Return<"kept" | "ignored", StoreError> {
  const name = `${TEMPORARIES}/probe-${randomBytes(8).toString("hex")}`
  const write = (headers: Readonly<Record<string, string>>, ...also: ReadonlyArray<number>) =>
    ask({ method: "PUT", name, headers, body: Buffer.from("probe"), also: [412, ...unknown, ...also] })
  const first = yield* write({ "If-None-Match": "*" })
  if (unknown.includes(first.status)) return "ignored"
  const found = yield* Effect.exit(Effect.gen(function*() {
    const second = yield* write({ "If-None-Match": "*" })
    if (second.status !== 412) return "ignored"
    const other = yield* write({ "If-Match": "\"00000000000000000000000000000000\"" }, 404)
    return other.status === 412 ? "kept" : "ignored"
  }))
  // Whoever stops a run waits for no network: what is left there goes with what other given-up writes leave.
  yield* Effect.ignore(ask({ method: "DELETE", name, also: [404] }))
  return yield* found
})
