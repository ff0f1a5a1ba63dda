import { assert } from "@effect/vitest"
import { readFile } from "node:fs/promises"
import { type Fault, fetched, noise, type Rig, type Seen, sha256 } from "./rig.ts"

export const WEIGHTS = "model.safetensors"
export const SIZE = 300_000

export const isBody = ({ server, method, path }: Seen): boolean =>
  server === "cdn" && method === "GET" && path.endsWith(WEIGHTS)

/** Sets what goes wrong with each request for the bytes of the weights, from the first. */
export const onBody = ({ hub }: Rig, fault: (count: number, seen: Seen) => Fault | undefined): void => {
  hub.fault = (seen, count) => isBody(seen) ? fault(count, seen) : undefined
}

/** Downloads, and checks that the weights are right in the end. */
export const succeeds = async ({ options }: Rig): Promise<string> => {
  const { snapshot, notes } = await fetched(options)
  const weights = snapshot.files.find(({ name }) => name === WEIGHTS)
  const bytes = new Uint8Array(await readFile(weights?.path ?? ""))
  assert.strictEqual(sha256(bytes), sha256(noise(SIZE, 1)))
  assert.strictEqual(weights?.sha256, sha256(bytes))
  return notes
}
